/* eslint-disable @typescript-eslint/unbound-method -- what is wrapped is called with its own `this` */
import { SessionReplaySpanProcessor } from 'recorder-otel';

const settings = new URLSearchParams(location.search);
/** What the page holds because of us. */
const held = { listeners: 0, urls: 0, patches: 0 };
const { addEventListener, removeEventListener } = EventTarget.prototype;
const known = new Map<EventTarget, Set<string>>();
const keys = new WeakMap<object, number>();
let nextKey = 0;
function keyOf(type: string, listener: object, options: unknown): string {
  if (!keys.has(listener)) keys.set(listener, nextKey++);
  const capture =
    typeof options === 'object' ? (options as { capture?: boolean })?.capture : options;
  return `${type} ${keys.get(listener)} ${String(!!capture)}`;
}
/** Only what outlives a recording: not the nodes it removed, signals and requests it made. */
const lasting = (target: unknown): target is EventTarget =>
  target === window || target === document || target instanceof Element;
EventTarget.prototype.addEventListener = function (type, listener, options) {
  const target = this ?? window;
  if (listener && lasting(target)) {
    const all = known.get(target) ?? new Set();
    known.set(target, all.add(keyOf(type, listener, options)));
  }
  addEventListener.call(target, type, listener, options);
};
EventTarget.prototype.removeEventListener = function (type, listener, options) {
  const target = this ?? window;
  if (listener) known.get(target)?.delete(keyOf(type, listener, options));
  removeEventListener.call(target, type, listener, options);
};
const { createObjectURL, revokeObjectURL } = URL;
URL.createObjectURL = (object) => {
  held.urls++;
  return createObjectURL.call(URL, object);
};
URL.revokeObjectURL = (url) => {
  held.urls--;
  revokeObjectURL.call(URL, url);
};

const natives = { insertRule: CSSStyleSheet.prototype.insertRule, MutationObserver };
const errors: string[] = [];
const replay = new SessionReplaySpanProcessor({
  url: settings.get('ingest')!,
  autoStart: false,
  onError: (error, where) => errors.push(`${where}: ${String(error)}`),
});

async function cycle(): Promise<void> {
  replay.start();
  document.body.append(document.createElement('p'));
  await replay.forceFlush();
  replay.stop();
  await replay.forceFlush();
}

function count(): object {
  let listeners = 0;
  for (const all of known.values()) listeners += all.size;
  const patched =
    natives.MutationObserver !== MutationObserver ||
    natives.insertRule !== CSSStyleSheet.prototype.insertRule;
  return { ...held, listeners, patched };
}

Object.assign(window, { cycle, count, errors });
