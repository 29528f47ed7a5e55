/** The elements as a tree that is read by keyboard and by pointer; of what is closed nothing is drawn. */
import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactElement } from 'react';
import {
  attributesOf,
  childrenOf,
  isElement,
  isText,
  nameOfNode,
  onlyText,
  parentOf,
  textOfNode,
} from '../tools/inspect/dom-reader.js';

export interface InspectorTreeProps {
  root: Element;
  expanded: ReadonlySet<Node>;
  selected: Node;
  onSelect: (node: Node) => void;
  onHover: (node: Node | null) => void;
  onToggle: (node: Node, open: boolean) => void;
}

interface Row {
  node: Node;
  depth: number;
  /** undefined: there is nothing in it. */
  isOpen: boolean | undefined;
  position: number;
  size: number;
}

/** Of one element at first; a table may have thousands. */
const SHOWN_CHILDREN = 300;
const SHOWN_TEXT = 120;

export function InspectorTree(props: InspectorTreeProps): ReactElement {
  const { root, expanded, selected, onSelect, onHover, onToggle } = props;
  const id = useId();
  const ref = useRef<HTMLDivElement>(null);
  const [limit, setLimit] = useState(SHOWN_CHILDREN);
  const { rows, isCut } = rowsOf(root, expanded, limit);
  const at = Math.max(
    0,
    rows.findIndex(({ node }) => node === selected),
  );
  useEffect(() => {
    ref.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [selected]);
  const onKeyDown = (event: KeyboardEvent): void => {
    const target = targetOf(event.key, rows, at, onToggle);
    if (target === undefined) return;
    event.preventDefault();
    if (target !== null) onSelect(target);
  };
  return (
    <div className="replay-tree-box" onPointerLeave={() => onHover(null)}>
      <div
        ref={ref}
        className="replay-tree"
        role="tree"
        aria-label="Elements"
        tabIndex={0}
        aria-activedescendant={`${id}-${at}`}
        onKeyDown={onKeyDown}
      >
        {rows.map((row, index) => (
          <div
            key={index}
            id={`${id}-${index}`}
            className="replay-tree-row"
            role="treeitem"
            aria-level={row.depth + 1}
            aria-selected={index === at}
            aria-expanded={row.isOpen}
            aria-posinset={row.position}
            aria-setsize={row.size}
            style={{ paddingLeft: 6 + row.depth * 12 }}
            onPointerEnter={() => onHover(row.node)}
            onClick={() => onSelect(row.node)}
            onDoubleClick={() => {
              if (row.isOpen !== undefined) onToggle(row.node, !row.isOpen);
            }}
          >
            <span
              className="replay-tree-arrow"
              data-open={row.isOpen}
              aria-hidden="true"
              onClick={() => {
                if (row.isOpen !== undefined) onToggle(row.node, !row.isOpen);
              }}
            />
            <Label row={row} />
          </div>
        ))}
      </div>
      {isCut ? (
        <button
          type="button"
          className="replay-button replay-tree-more"
          onClick={() => setLimit(limit * 4)}
        >
          Show more
        </button>
      ) : null}
    </div>
  );
}

function Label({ row: { node, isOpen } }: { row: Row }): ReactElement {
  if (isText(node)) return <span className="replay-tree-text">{cut(textOfNode(node))}</span>;
  if (!isElement(node)) return <span className="replay-tree-tag">{nameOfNode(node)}</span>;
  const inner = isOpen === undefined ? onlyText(node) : undefined;
  return (
    <>
      <span className="replay-tree-tag">{`<${nameOfNode(node)}`}</span>
      {attributesOf(node)
        .filter(([name]) => /^(id|class|name|type|role|href|data-[\w-]+|aria-label)$/.test(name))
        .slice(0, 4)
        .map(([name, value]) => (
          <span key={name}>
            {' '}
            <span className="replay-tree-attribute">{name}</span>
            {value === '' ? null : (
              <span className="replay-tree-value">{`="${cut(value, 40)}"`}</span>
            )}
          </span>
        ))}
      <span className="replay-tree-tag">{'>'}</span>
      {inner === undefined ? null : <span className="replay-tree-text">{inner}</span>}
    </>
  );
}

/** The node to go to; null when a key opened or closed one, undefined when it means nothing here. */
function targetOf(
  key: string,
  rows: readonly Row[],
  at: number,
  onToggle: InspectorTreeProps['onToggle'],
): Node | null | undefined {
  const row = rows[at];
  if (row === undefined) return undefined;
  switch (key) {
    case 'ArrowDown':
      return rows[at + 1]?.node ?? null;
    case 'ArrowUp':
      return rows[at - 1]?.node ?? null;
    case 'Home':
      return rows[0]?.node ?? null;
    case 'End':
      return rows.at(-1)?.node ?? null;
    case 'ArrowRight':
      if (row.isOpen === true) return rows[at + 1]?.node ?? null;
      if (row.isOpen === false) onToggle(row.node, true);
      return null;
    case 'ArrowLeft':
      if (row.isOpen !== true)
        return rows.find(({ node }) => node === parentOf(row.node))?.node ?? null;
      onToggle(row.node, false);
      return null;
    case 'Enter':
    case ' ':
      if (row.isOpen !== undefined) onToggle(row.node, !row.isOpen);
      return null;
    default:
      return undefined;
  }
}

/** What is open, from the top; iterative, as a hostile page may be deeper than the stack. */
function rowsOf(
  root: Element,
  expanded: ReadonlySet<Node>,
  limit: number,
): { rows: Row[]; isCut: boolean } {
  const rows: Row[] = [];
  let isCut = false;
  const stack: Row[] = [{ node: root, depth: 0, isOpen: true, position: 1, size: 1 }];
  for (let row = stack.pop(); row !== undefined; row = stack.pop()) {
    const { node, depth } = row;
    const children = isText(node) ? [] : childrenOf(node);
    const isLeaf = children.length === 0 || onlyText(node) !== undefined;
    const isOpen = isLeaf ? undefined : expanded.has(node);
    rows.push({ ...row, isOpen });
    if (isOpen !== true) continue;
    if (children.length > limit) isCut = true;
    const size = children.length;
    const shown = children.slice(0, limit);
    for (let n = shown.length - 1; n >= 0; n--) {
      stack.push({ node: shown[n]!, depth: depth + 1, isOpen: undefined, position: n + 1, size });
    }
  }
  return { rows, isCut };
}

function cut(text: string, length = SHOWN_TEXT): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}
