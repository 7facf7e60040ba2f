/** Whether an error of the system says that this process, or this computer, can open no more files: EMFILE and ENFILE. */
export function isOutOfFiles(error: unknown): boolean {
  const { code, info } = (error ?? {}) as { code?: unknown; info?: { code?: unknown } };
  return [code, info?.code].some((each) => each === 'EMFILE' || each === 'ENFILE');
}
