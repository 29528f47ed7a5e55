/** What is on the stage: one frame, and in it one window that is replaced by the next. */
import type { ReplayEvent } from '@otel-replay/protocol';
import type { HostPattern } from '../sanitize/hosts.js';
import { ReplayWindow, type ReplayerConstructor, type Viewport } from './replay-window.js';
import { StageFrame } from './stage-frame.js';

export interface WindowStageOptions {
  /** The element that gets the frame. */
  stage: HTMLElement;
  allowHosts: readonly HostPattern[];
  onViewport: (viewport: Viewport) => void;
}

/** rrweb is large: only a page that plays something loads it. */
export async function loadReplayer(): Promise<ReplayerConstructor> {
  return (await import('rrweb')).Replayer;
}

export class WindowStage {
  readonly #options: WindowStageOptions;
  #frame: Promise<StageFrame> | undefined;
  #window: ReplayWindow | undefined;
  #allowHosts: readonly HostPattern[];

  constructor(options: WindowStageOptions) {
    this.#options = options;
    this.#allowHosts = options.allowHosts;
  }

  get window(): ReplayWindow | undefined {
    return this.#window;
  }

  /** Frame and rrweb, ready to use; they load while the events do. */
  async prepare(): Promise<{ frame: StageFrame; Replayer: ReplayerConstructor }> {
    const { stage } = this.#options;
    this.#frame ??= StageFrame.create(stage, { allowHosts: this.#allowHosts });
    const [frame, Replayer] = await Promise.all([this.#frame, loadReplayer()]);
    return { frame, Replayer };
  }

  /** Builds a hidden window, and shows it in place of the one before when it is complete. */
  swap(
    { frame, Replayer }: { frame: StageFrame; Replayer: ReplayerConstructor },
    events: ReplayEvent[],
    time: number,
    speed: number,
  ): ReplayWindow {
    const { onViewport } = this.#options;
    const slot = frame.addSlot();
    const window = new ReplayWindow({ Replayer, slot, events, time, speed, onViewport });
    window.show();
    this.#window?.destroy();
    this.#window = window;
    onViewport({ ...window.viewport });
    return window;
  }

  /** What may be loaded is fixed when a frame begins: the next window gets another one. */
  setHosts(hosts: readonly HostPattern[]): void {
    this.#allowHosts = hosts;
    const before = this.#frame;
    this.#frame = undefined;
    this.clear();
    void before?.then((frame) => frame.remove());
  }

  clear(): void {
    this.#window?.destroy();
    this.#window = undefined;
  }

  /** Takes the frame out of the page. */
  async remove(): Promise<void> {
    this.clear();
    (await this.#frame)?.remove();
  }
}
