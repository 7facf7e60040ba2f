/** How long texts may be, in letters, and lists, in entries: for the schemas that refuse more, and for forms that say so before. */

/** Of the settings. */
export const settingsBounds = {
  globLength: 200,
  globCount: 200,
  nameLength: 300,
  nameCount: 10_000,
  gpuLength: 100,
  patternLength: 500,
  ruleCount: 100,
  groupLength: 60,
  groupCount: 200,
  profileCount: 100,
  profileNameLength: 100,
} as const;

/** Of a file of settings. */
export const mostSettingsLength = 1_000_000;

/** Of a test prompt. */
export const mostPromptLength = 10_000;

/** A password or token of a source. */
export const secretPattern = /^[\x20-\x7e\u00a0-\uffff]{1,4096}$/;

/** An API key as a header can carry it. */
export const apiKeyPattern = /^[\x21-\x7e]{1,1000}$/;
