/** Replays look no worse than they did, and nowhere worse than bare rrweb's: see ../fidelity/README.md. */
import { expect, it } from 'vitest';
import { readFeatures } from '../fidelity/feature.js';
import { failuresOf, readFloors } from '../fidelity/floors.js';
import { runMatrix } from '../fidelity/matrix.js';

it('every feature of the matrix has a floor', () => {
  const names = readFeatures().map(({ name }) => name);
  expect(Object.keys(readFloors()).sort()).toEqual(names.sort());
});

// Some fifty pages, each recorded and replayed: it waits more than it computes. What bare rrweb reaches
// is known from the run that wrote the floors.
it('no feature is below its floor or below bare rrweb', { timeout: 900_000 }, async () => {
  const features = readFeatures();
  const rows = await runMatrix({ features, oursOnly: true, atOnce: 6 });
  const failed = failuresOf(rows, readFloors()).map((failure) => failure.replace(/:.*/, ''));
  // A picture that is taken too early on a busy machine: once more, one after the other.
  const again = features.filter(({ name }) => failed.includes(name));
  const second =
    again.length === 0 ? [] : await runMatrix({ features: again, oursOnly: true, atOnce: 1 });
  expect(failuresOf(second, readFloors())).toEqual([]);
});
