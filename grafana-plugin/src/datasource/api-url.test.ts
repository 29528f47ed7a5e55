import { expect, it } from 'vitest';
import { readApiUrl } from './api-url';

it.each([
  [undefined, /Enter the address/],
  ['  ', /Enter the address/],
  ['processor:8787', /must begin with http:\/\//],
  ['processor', /is not an address/],
  [' http://processor:8787', /without spaces/],
  ['ftp://processor', /must begin with http:\/\//],
  ['http://user:secret@processor:8787', /user and password/],
  ['http://processor:8787/?a=1', /follows \?/],
  ['http://processor:8787/api/v1', /Leave \/api\/v1 out/],
])('refuses %j, and says what to do', (text, problem) => {
  expect(readApiUrl(text).problem).toMatch(problem);
});

it.each([
  ['http://processor:4318', /takes traces/],
  ['http://localhost:8787', /not your browser/],
  ['http://127.0.0.1:8787', /not your browser/],
])('warns of %s', (text, warning) => {
  expect(readApiUrl(text)).toEqual({ warning: expect.stringMatching(warning) as string });
});

it.each(['http://processor:8787', 'https://replay.example.com/base'])('takes %s', (text) => {
  expect(readApiUrl(text)).toEqual({});
});
