/**
 * The document the replay is built in: a frame without scripts whose own content security policy
 * forbids every load. The replayer's frame inside it inherits both, whatever the host page allows.
 * It needs no file of its own, so it works wherever the engine does.
 */
import { hostSources, type HostPattern } from '../sanitize/hosts.js';

/** How the recorded person's mouse is drawn; over the replayed page, so it is styled here. */
const STYLE = `
html,body{margin:0;background:#fff;overflow:hidden}
.slot{position:absolute;inset:0;background:#fff}
.slot[data-hidden]{visibility:hidden;pointer-events:none}
.replayer-wrapper{position:relative}
iframe{border:0;background:#fff}
.replayer-mouse{position:absolute;z-index:2;width:22px;height:22px;pointer-events:none;
 transition:left .05s linear,top .05s linear;background:no-repeat 0 0/contain url("data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 22 22'%3E%3Cpath d='M2 1.5v16l4.4-4.2 2.9 6.4 3-1.3-2.9-6.3H15.5z' fill='%23111827' stroke='%23fff' stroke-width='1.4' stroke-linejoin='round'/%3E%3C/svg%3E")}
.replayer-mouse::after{content:'';position:absolute;left:2px;top:2px;width:34px;height:34px;margin:-17px;border-radius:50%;background:#4f6bed;opacity:0}
.replayer-mouse.active::after{animation:click .35s ease-out 1}
.replayer-mouse.touch-device{background:none;width:48px;height:48px;margin:-24px;border-radius:50%;border:3px solid transparent;box-sizing:border-box}
.replayer-mouse.touch-device.touch-active{border-color:#4f6bed}
.replayer-mouse-tail{position:absolute;z-index:1;pointer-events:none}
@keyframes click{0%{opacity:.55;transform:scale(.3)}100%{opacity:0;transform:scale(1)}}
`;

export interface StageFrameOptions {
  /** For images, fonts and style sheets; the host page's policy must allow them too. */
  allowHosts: readonly HostPattern[];
}

export class StageFrame {
  readonly element: HTMLIFrameElement;

  private constructor(element: HTMLIFrameElement) {
    this.element = element;
  }

  /** Puts the frame into `parent` and waits until it can be used. */
  static async create(parent: HTMLElement, options: StageFrameOptions): Promise<StageFrame> {
    const element = parent.ownerDocument.createElement('iframe');
    element.title = 'Replayed page';
    element.dataset['testid'] = 'replay-frame';
    element.tabIndex = -1;
    element.setAttribute('sandbox', 'allow-same-origin');
    element.setAttribute('referrerpolicy', 'no-referrer');
    element.setAttribute('scrolling', 'no');
    // Where the browser knows it: no cookies with what is loaded, no password manager.
    element.setAttribute('credentialless', '');
    element.srcdoc = page(options);
    const loaded = new Promise((resolve) => {
      element.addEventListener('load', resolve, { once: true });
    });
    parent.append(element);
    await loaded;
    return new StageFrame(element);
  }

  /** A hidden place for one replayer. */
  addSlot(): HTMLElement {
    const document = this.element.contentDocument;
    if (document === null) throw new Error('the replay frame is not in the page any more');
    const slot = document.createElement('div');
    slot.className = 'slot';
    slot.dataset['hidden'] = '';
    document.body.append(slot);
    return slot;
  }

  remove(): void {
    this.element.remove();
  }
}

function page({ allowHosts }: StageFrameOptions): string {
  const remote = hostSources(allowHosts);
  const policy = `default-src 'none'; style-src 'unsafe-inline'${remote}; img-src data: blob:${remote}; font-src data: blob:${remote}; media-src data: blob:`;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Replayed page</title><meta http-equiv="Content-Security-Policy" content="${policy}"><meta name="referrer" content="no-referrer"><style>${STYLE}</style></head><body></body></html>`;
}
