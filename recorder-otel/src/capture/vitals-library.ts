/** In a chunk of its own, and by name, so that bundlers leave the rest of the library out. */
export { onCLS, onFCP, onINP, onLCP, onTTFB } from 'web-vitals';
