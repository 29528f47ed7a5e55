/** What the long page loads as it is scrolled: served as JSON, the same in every run. */
import { createRandom, type Random } from './drive.js';

export interface Post {
  title: string;
  text: string;
  author: string;
}

const POSTS = 4;

export function makePost(random: Random): Post {
  return { title: random.words(5), text: random.words(24), author: random.words(2) };
}

export const feedPath = (page: number): string => `/feed/${page}.json`;

export function feedPage(page: number): Post[] {
  const random = createRandom(page + 1);
  return Array.from({ length: POSTS }, () => makePost(random));
}
