"""A StatusNotifierWatcher on the session bus, as a desktop or its extension runs one.

Reads commands from stdin, one a line: `watch` (take the name), `host` (something shows icons), `no-host`, `leave` (give the
name up), and answers each with `done`.
"""

import sys

import dbus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

NAME = "org.kde.StatusNotifierWatcher"


class Watcher(dbus.service.Object):
    host = False

    @dbus.service.method("org.freedesktop.DBus.Properties", in_signature="ss", out_signature="v")
    def Get(self, interface, name):
        if name != "IsStatusNotifierHostRegistered":
            raise dbus.exceptions.DBusException("no such property")
        return self.host


dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
bus = dbus.SessionBus()
watcher = Watcher(bus, "/StatusNotifierWatcher")
loop = GLib.MainLoop()


def read(stream, _condition):
    line = stream.readline()
    if line == "":
        loop.quit()
        return False
    command = line.strip()
    if command == "watch":
        bus.request_name(NAME)
    elif command == "leave":
        bus.release_name(NAME)
    else:
        watcher.host = command == "host"
    print("done", flush=True)
    return True


GLib.io_add_watch(sys.stdin, GLib.IO_IN | GLib.IO_HUP, read)
print("done", flush=True)
loop.run()
