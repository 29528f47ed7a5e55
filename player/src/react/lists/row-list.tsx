/**
 * A list of any length: only rows in sight are in the document. One stop for the keyboard: arrows
 * move, Enter goes there. Follows the playhead until somebody scrolls.
 */
import {
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactElement,
  type ReactNode,
  type RefObject,
} from 'react';

export interface RowListProps<Row> {
  rows: readonly Row[];
  /** Of what the rows are, for those who do not see them. */
  label: string;
  /** Of each row, in CSS pixels. */
  rowHeight: number;
  keyOf: (row: Row) => string;
  /** For tests and styles; told on each row. */
  dataOf: (row: Row) => Readonly<Record<`data-${string}`, string | undefined>>;
  render: (row: Row) => ReactNode;
  /** Position of what happens at the playhead; -1 for none. */
  current: number;
  isActive?: (row: Row) => boolean;
  selectedKey: string | undefined;
  /** Position to bring into sight once, when it changes. */
  reveal?: number;
  follows: boolean;
  onStopFollowing: () => void;
  /** Click or Enter. */
  onChoose: (row: Row) => void;
}

const OVERSCAN = 6;

export function RowList<Row>(props: RowListProps<Row>): ReactElement {
  const { rows, rowHeight, current, follows, keyOf, reveal: revealed = -1, selectedKey } = props;
  const ref = useRef<HTMLDivElement>(null);
  const id = useId();
  const view = useView(ref);
  const [activeKey, setActiveKey] = useState<string>();
  const active = activeKey === undefined ? -1 : rows.findIndex((row) => keyOf(row) === activeKey);
  const first = Math.max(0, Math.floor(view.top / rowHeight) - OVERSCAN);
  const end = Math.min(rows.length, Math.ceil((view.top + view.height) / rowHeight) + OVERSCAN);
  const show = (at: number): void => reveal(ref.current, at * rowHeight, rowHeight);
  useEffect(() => {
    if (follows && current >= 0) show(current);
  }, [follows, current, rows.length]);
  useEffect(() => {
    if (revealed >= 0) show(revealed);
  }, [revealed]);
  const onKeyDown = (event: KeyboardEvent): void => {
    const page = Math.max(1, Math.floor(view.height / rowHeight) - 1);
    const from = active >= 0 ? active : current;
    const to = {
      ArrowDown: from + 1,
      ArrowUp: from - 1,
      PageDown: from + page,
      PageUp: from - page,
      Home: 0,
      End: rows.length - 1,
    }[event.key];
    if (event.key === 'Enter') {
      const row = rows[active];
      if (row === undefined) return;
      event.preventDefault();
      props.onChoose(row);
    } else if (to !== undefined && rows.length > 0) {
      event.preventDefault();
      const at = Math.min(Math.max(to, 0), rows.length - 1);
      props.onStopFollowing();
      setActiveKey(keyOf(rows[at]!));
      show(at);
    }
  };
  return (
    <div
      ref={ref}
      className="replay-rows"
      role="listbox"
      aria-label={props.label}
      tabIndex={0}
      aria-activedescendant={active >= first && active < end ? `${id}-${active}` : undefined}
      onKeyDown={onKeyDown}
      onWheel={props.onStopFollowing}
      onTouchMove={props.onStopFollowing}
    >
      <div role="presentation" style={{ height: rows.length * rowHeight, position: 'relative' }}>
        {rows.slice(first, end).map((row, n) => {
          const at = first + n;
          const key = keyOf(row);
          return (
            <div
              key={key}
              id={`${id}-${at}`}
              role="option"
              className="replay-row"
              aria-selected={key === selectedKey}
              aria-setsize={rows.length}
              aria-posinset={at + 1}
              data-current={at === current || undefined}
              data-active={props.isActive?.(row) || undefined}
              data-focus={at === active || undefined}
              style={{ height: rowHeight, top: at * rowHeight }}
              onClick={() => {
                setActiveKey(key);
                props.onChoose(row);
              }}
              {...props.dataOf(row)}
            >
              {props.render(row)}
            </div>
          );
        })}
      </div>
    </div>
  );
}

interface View {
  top: number;
  height: number;
}

/** What of the element's content is in sight. */
function useView(ref: RefObject<HTMLDivElement | null>): View {
  const [view, setView] = useState<View>({ top: 0, height: 600 });
  useLayoutEffect(() => {
    const element = ref.current;
    if (element === null) return undefined;
    const look = (): void => {
      const { scrollTop: top, clientHeight: height } = element;
      setView((v) => (v.top === top && v.height === height ? v : { top, height }));
    };
    look();
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener('scroll', look, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', look);
    };
  }, [ref]);
  return view;
}

/** Scrolls the list alone: `scrollIntoView` would move the page, too. */
function reveal(list: HTMLElement | null, top: number, height: number): void {
  if (list === null) return;
  const { scrollTop, clientHeight } = list;
  if (top < scrollTop) list.scrollTop = top - height;
  else if (top + height > scrollTop + clientHeight) {
    list.scrollTop = top + 2 * height - clientHeight;
  }
}
