/** The replayed page, scaled to fit, under its address. */
import {
  useEffect,
  useRef,
  useState,
  type ReactElement,
  type ReactNode,
  type RefObject,
} from 'react';
import type { PlaybackNotice, PlaybackState } from '../engine/playback/state.js';
import { durationText } from './format.js';
import { Icon } from './icons.js';
import { RemoteContent } from './remote-content.js';

export interface StageProps {
  state: PlaybackState;
  /** The engine puts its frame in here. */
  hostRef: RefObject<HTMLDivElement | null>;
  onToggle: () => void;
  /** Not scaled to fit; scrolls. */
  isRealSize: boolean;
  onRealSize: () => void;
  /** Without it what was not loaded is only told. */
  onAllowHost: ((host: string) => void) | undefined;
  /** Shown instead of the page. */
  message: ReactNode;
}

const NOTICE_MS = 2500;

export function Stage(props: StageProps): ReactElement {
  const { state, hostRef, isRealSize, onToggle, message } = props;
  const boxRef = useRef<HTMLDivElement>(null);
  const { width, height } = state.viewport;
  const fit = useScale(boxRef, width, height);
  const scale = isRealSize ? 1 : fit;
  const isLoading = state.status === 'loading';
  return (
    <section
      className="replay-stage"
      data-testid="replay-stage"
      data-state={state.status}
      aria-label="Replayed page"
    >
      {message === null ? (
        <>
          <AddressBar {...{ state, scale, isRealSize }} onRealSize={props.onRealSize} />
          <RemoteContent state={state} onAllowHost={props.onAllowHost} />
        </>
      ) : null}
      <div
        className="replay-stage-box"
        ref={boxRef}
        data-empty={message !== null || undefined}
        data-real-size={isRealSize || undefined}
        {...(isRealSize && { tabIndex: 0, role: 'region', 'aria-label': 'Page in real size' })}
      >
        <div
          className="replay-stage-page"
          hidden={message !== null}
          style={{ width: width * scale, height: height * scale }}
        >
          <div
            className="replay-stage-host"
            ref={hostRef}
            style={{ width, height, transform: `scale(${scale})` }}
          />
          <button
            type="button"
            className="replay-stage-cover"
            tabIndex={-1}
            aria-label={state.wantsToPlay ? 'Pause' : 'Play'}
            data-state={state.status}
            onClick={onToggle}
          >
            {state.status === 'paused' || state.status === 'ended' ? (
              <span className="replay-stage-play">
                <Icon name={state.status === 'ended' ? 'restart' : 'play'} />
              </span>
            ) : null}
          </button>
        </div>
        {message}
        {message === null && isLoading ? (
          <div className="replay-stage-busy" role="status">
            <span className="replay-spinner" aria-hidden="true" />
            <span className="replay-hidden">Loading</span>
          </div>
        ) : null}
        {message === null && state.isInHole && !isLoading ? (
          <div
            className="replay-stage-notice"
            data-kind="gap"
            role="status"
            data-testid="gap-message"
          >
            Nothing is recorded at this moment. You see the last picture before it.
          </div>
        ) : (
          <Notice notice={state.notice} />
        )}
      </div>
    </section>
  );
}

function AddressBar(props: {
  state: PlaybackState;
  scale: number;
  isRealSize: boolean;
  onRealSize: () => void;
}): ReactElement {
  const { state, scale, isRealSize } = props;
  const { width, height } = state.viewport;
  const known = state.session !== undefined && state.status !== 'error';
  return (
    <div className="replay-address">
      <span className="replay-address-dots" aria-hidden="true" />
      <span className="replay-address-url" title={state.url} data-testid="replay-url">
        {known ? (state.url ?? '') : ''}
      </span>
      {known ? (
        <>
          <span className="replay-address-size" title="Size of the recorded window">
            {Math.round(width)} × {Math.round(height)}
          </span>
          <button
            type="button"
            className="replay-button"
            data-small
            data-testid="real-size"
            aria-label="Real size"
            aria-pressed={isRealSize}
            title={isRealSize ? 'Fit into the window (z)' : 'Real size (z)'}
            onClick={props.onRealSize}
          >
            <Icon name={isRealSize ? 'fit' : 'real-size'} />
            <span data-testid="scale">{Math.round(scale * 100)} %</span>
          </button>
        </>
      ) : null}
    </div>
  );
}

const NOTICE_TEXT: Record<PlaybackNotice['kind'], (duration: string) => string> = {
  gap_skipped: (duration) => `Skipped a gap: ${duration} are missing`,
  inactivity_skipped: (duration) => `Skipped ${duration} of inactivity`,
  page_changed: () => 'Next page',
};

function Notice({ notice }: { notice: PlaybackNotice | undefined }): ReactElement | null {
  const [gone, setGone] = useState<number>();
  useEffect(() => {
    if (notice === undefined) return undefined;
    const timer = setTimeout(() => setGone(notice.id), NOTICE_MS);
    return () => clearTimeout(timer);
  }, [notice]);
  if (notice === undefined || gone === notice.id) return null;
  return (
    <div className="replay-stage-notice" data-kind={notice.kind} role="status">
      {NOTICE_TEXT[notice.kind](durationText(notice.durationMs))}
    </div>
  );
}

/** Never enlarges: a small recorded window stays sharp. */
function useScale(box: RefObject<HTMLDivElement | null>, width: number, height: number): number {
  const [scale, setScale] = useState(1);
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const fit = (): void => {
      const { clientWidth, clientHeight } = element;
      if (clientWidth === 0 || clientHeight === 0) return;
      setScale(Math.min(1, clientWidth / width, clientHeight / height));
    };
    fit();
    const observer = new ResizeObserver(fit);
    observer.observe(element);
    return () => observer.disconnect();
  }, [box, width, height]);
  return scale;
}
