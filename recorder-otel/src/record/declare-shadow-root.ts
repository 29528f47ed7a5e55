import { closedRoots } from './closed-roots.js';
import { record } from './rrweb.js';

/**
 * Has the content of a closed shadow root recorded as that of an open one: its changes, and under the
 * same rules of masking. Only who made the root can hand it over; nothing of the page is patched to
 * find one. Best called where the root is made; later, its content comes with a checkpoint.
 *
 * @param root what `host.attachShadow({ mode: 'closed' })` returned
 * @throws TypeError when `root` is not the shadow root of `host`
 */
export function declareShadowRoot(host: Element, root: ShadowRoot): void {
  if (!(root instanceof ShadowRoot) || root.host !== host) {
    throw new TypeError(
      'declareShadowRoot: root is not the shadow root of host; hand over what its attachShadow() returned.',
    );
  }
  closedRoots.of.set(host, root);
  if (record.mirror.hasNode(host)) closedRoots.tell();
}
