/** What a form needs to know of the settings before it sends a change: ranges, and whether it would be taken. Pure. */

import * as z from 'zod/mini';
import {
  fields,
  type NotificationRule,
  rule,
  type Settings,
  type SettingsChange,
  settingsChange,
} from './settings.ts';

type NumberIn<Group> = Extract<
  { [Name in keyof Group]: Group[Name] extends number ? Name : never }[keyof Group],
  string
>;
/** The groups that hold numbers, and the numbers of each. */
export type NumberGroup = {
  [Key in keyof Settings]: Settings[Key] extends readonly unknown[] | string | boolean
    ? never
    : NumberIn<Settings[Key]> extends never
      ? never
      : Key;
}[keyof Settings];
export type NumberName<Group extends NumberGroup> = NumberIn<Settings[Group]>;

/** Both ends included. */
export interface NumberRange {
  readonly from: number;
  readonly to: number;
  /** No fractions. */
  readonly whole: boolean;
}

/** What the schema allows for a number of the settings. */
export function rangeOf<Group extends NumberGroup>(group: Group, name: NumberName<Group>): NumberRange {
  const shape: Readonly<Record<string, z.ZodMiniType>> = fields[group].shape;
  return rangeIn(shape[name]);
}

/** The same for a number of a rule. */
export function rangeOfRule(kind: NotificationRule['kind'], name: string): NumberRange {
  const option = rule.def.options.find(({ shape }) => z.safeParse(shape.kind, kind).success);
  const shape: Readonly<Record<string, z.ZodMiniType>> = option?.shape ?? {};
  return rangeIn(shape[name]);
}

function rangeIn(field: z.ZodMiniType | undefined): NumberRange {
  const checks = (field?._zod.def.checks ?? []).map(
    ({ _zod }) => _zod.def as { check: string; value?: unknown },
  );
  const bound = (kind: string, none: number) =>
    Number(checks.find(({ check }) => check === kind)?.value ?? none);
  return {
    from: bound('greater_than', Number.MIN_SAFE_INTEGER),
    to: bound('less_than', Number.MAX_SAFE_INTEGER),
    whole: field !== undefined && 'format' in field._zod.def,
  };
}

/** Whether the engine would take the change. */
export function isUsable(change: unknown): change is SettingsChange {
  return z.safeParse(settingsChange, change).success;
}
