import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { AppError } from '#common/failure.ts';
import { newToken } from './tokens.ts';

/** As long as no guess finds it; in an address it needs no escapes. */
const usable = /^[\w-]{32,200}$/;

/**
 * The token in a file that only its owner can read; a new one in a new file when there is none. Errors: `token-file` for a
 * file that belongs to another user, open to others, not a file, or has no usable token in it.
 */
export function readTokenFile(path: string): string {
  try {
    return createToken(path) ?? existingToken(path);
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw refused(error instanceof Error ? error.message : String(error));
  }
}

/** Null when there is a file of that name. */
function createToken(path: string): string | null {
  let file: number;
  try {
    file = openSync(path, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return null;
    throw error;
  }
  try {
    const token = newToken();
    writeSync(file, `${token}\n`);
    return token;
  } finally {
    closeSync(file);
  }
}

function existingToken(path: string): string {
  // A link may lead to a file that another user chose; a pipe would be waited for. Windows has neither flag.
  const { O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
  const file = openSync(path, constants.O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const { uid, mode } = fstatSync(file);
    const owner = process.getuid?.();
    if ((mode & constants.S_IFMT) !== constants.S_IFREG) throw refused(`${path} is not a file`);
    if (owner !== undefined && uid !== owner) throw refused(`${path} belongs to another user`);
    if (owner !== undefined && (mode & 0o077) !== 0) throw refused(`${path} is open to other users`);
    const bytes = Buffer.alloc(256);
    const token = bytes.toString('utf8', 0, readSync(file, bytes)).trim();
    if (!usable.test(token)) throw refused(`${path} has no usable token in it`);
    return token;
  } finally {
    closeSync(file);
  }
}

function refused(detail: string): AppError {
  return new AppError('token-file', { detail });
}
