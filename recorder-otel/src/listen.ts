/** Listens, to events named in one string, before anyone can stop them; returns how to end it. */
export function listen(
  target: EventTarget,
  types: string,
  handler: (event: Event) => void,
): () => void {
  const options = { capture: true, passive: true };
  const names = types.split(' ');
  for (const name of names) target.addEventListener(name, handler, options);
  return () => {
    for (const name of names) target.removeEventListener(name, handler, options);
  };
}
