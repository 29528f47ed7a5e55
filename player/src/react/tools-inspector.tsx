/** The elements of the replayed page at the moment: a tree, and what there is to know of one. */
import {
  useCallback,
  useEffect,
  useMemo,
  useReducer,
  useRef,
  useState,
  type KeyboardEvent,
  type PointerEvent,
  type ReactElement,
} from 'react';
import { createPortal } from 'react-dom';
import type { Playback } from '../engine/playback/playback.js';
import type { PlaybackState } from '../engine/playback/state.js';
import {
  boxOnScreen,
  childrenOf,
  elementAt,
  isAttached,
  isElement,
  parentOf,
  rootOf,
} from '../tools/inspect/dom-reader.js';
import { useClock } from './hooks.js';
import { Icon } from './icons.js';
import { InspectorDetails } from './tools-inspector-details.js';
import { InspectorTree } from './tools-inspector-tree.js';

export interface InspectorProps {
  playback: Playback;
  state: PlaybackState;
  /** The player's own element. */
  player: Element;
  onClose: () => void;
}

export function Inspector({ playback, state, player, onClose }: InspectorProps): ReactElement {
  // The page changes only with the playhead.
  const time = useClock(playback.clock, 200);
  const page = state.status === 'loading' ? null : playback.replayDocument;
  const root = page === null ? null : rootOf(page);
  const [expanded, setExpanded] = useState<ReadonlySet<Node>>(new Set());
  const [chosen, setChosen] = useState<Node | null>(null);
  const [hovered, setHovered] = useState<Node | null>(null);
  const [isPicking, setIsPicking] = useState(false);
  const ref = useRef<HTMLElement>(null);
  const focusTree = useCallback(() => {
    ref.current?.querySelector<HTMLElement>('[role=tree]')?.focus();
  }, []);
  useEffect(() => playback.pause(), [playback]);
  useEffect(focusTree, [root === null, focusTree]);
  useEffect(() => {
    if (root === null) return;
    setExpanded((known) => (known.has(root) ? known : new Set([root, ...bodyOf(root)])));
  }, [root]);
  const selected = chosen !== null && isAttached(chosen) ? chosen : root;
  const reveal = useCallback((node: Node) => {
    setChosen(node);
    setExpanded((known) => {
      const all = new Set(known);
      for (let at = parentOf(node); at !== null; at = parentOf(at)) all.add(at);
      return all;
    });
  }, []);
  const toggle = useCallback((node: Node, open: boolean) => {
    setExpanded((known) => {
      const all = new Set(known);
      if (open) all.add(node);
      else all.delete(node);
      return all;
    });
  }, []);
  const onKeyDown = (event: KeyboardEvent): void => {
    event.stopPropagation(); // The player's own keys are not meant.
    if (event.key !== 'Escape') return;
    event.preventDefault();
    if (isPicking) setIsPicking(false);
    else onClose();
  };
  const shown = hovered ?? selected;
  const stage = player.querySelector('.replay-stage-page');
  return (
    <aside
      ref={ref}
      className="replay-inspector"
      aria-label="Elements of the page"
      data-testid="inspector"
      onKeyDown={onKeyDown}
    >
      <header className="replay-inspector-head">
        <h2>Elements</h2>
        <button
          type="button"
          className="replay-icon-button"
          aria-label="Pick an element on the page"
          title="Pick an element on the page"
          aria-pressed={isPicking}
          onClick={() => setIsPicking(!isPicking)}
        >
          <Icon name="inspect" />
        </button>
        <button type="button" className="replay-icon-button" aria-label="Close" onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      {root === null || selected === null || page === null ? (
        <p className="replay-inspector-empty" role="status">
          The page is loading …
        </p>
      ) : (
        <>
          <InspectorTree
            root={root}
            expanded={expanded}
            selected={selected}
            onSelect={setChosen}
            onHover={setHovered}
            onToggle={toggle}
          />
          {isElement(selected) ? (
            <InspectorDetails element={selected} page={page} time={time} />
          ) : null}
        </>
      )}
      {stage === null || page === null
        ? null
        : createPortal(
            <>
              {shown !== null && isElement(shown) && isAttached(shown) ? (
                <Highlight element={shown} stage={stage} time={time} />
              ) : null}
              {isPicking ? (
                <Picker
                  page={page}
                  onHover={setHovered}
                  onPick={(element) => {
                    setIsPicking(false);
                    setHovered(null);
                    reveal(element);
                    focusTree();
                  }}
                />
              ) : null}
            </>,
            stage,
          )}
    </aside>
  );
}

function bodyOf(root: Node): Node[] {
  return childrenOf(root).slice(-1);
}

/** Covers the stage: what is under the pointer is shown, a click chooses it. */
function Picker({
  page,
  onHover,
  onPick,
}: {
  page: Document;
  onHover: (node: Node | null) => void;
  onPick: (element: Element) => void;
}): ReactElement {
  const at = ({ clientX, clientY }: PointerEvent): Element | null =>
    elementAt(page, clientX, clientY);
  return (
    <div
      className="replay-picker"
      data-testid="picker"
      onPointerMove={(event) => onHover(at(event))}
      onPointerLeave={() => onHover(null)}
      onPointerUp={(event) => {
        const element = at(event);
        if (element !== null) onPick(element);
      }}
    />
  );
}

function Highlight({
  element,
  stage,
  time,
}: {
  element: Element;
  stage: Element;
  time: number;
}): ReactElement {
  const [layout, relayout] = useReducer((n: number) => n + 1, 0);
  useEffect(() => {
    const observer = new ResizeObserver(relayout);
    observer.observe(stage);
    return () => observer.disconnect();
  }, [stage]);
  const { x, y, width, height } = useMemo(() => boxOnScreen(element), [element, time, layout]);
  const outer = stage.getBoundingClientRect();
  return (
    <div
      className="replay-highlight"
      data-testid="highlight"
      style={{ left: x - outer.x, top: y - outer.y, width, height }}
    />
  );
}
