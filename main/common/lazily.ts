/** Makes something when it is first asked for, and that one from then on: what a program may never need. */
export function lazily<Made extends object>(make: () => Made): () => Made {
  let made: Made | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
