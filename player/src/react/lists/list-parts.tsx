/** What lists are made of: filters, empty lists, and the facts of the chosen row. */
import { isValidElement, type ReactElement, type ReactNode } from 'react';
import type { Playback } from '../../engine/playback/playback.js';
import type { PlaybackState } from '../../engine/playback/state.js';
import { bytesText } from '../format.js';
import { Icon } from '../icons.js';

export interface FilterOption<Value extends string> {
  value: Value;
  name: string;
  /** Shown beside the name; 0 is dimmed. */
  count?: number;
}

export function Filters<Value extends string>(props: {
  label: string;
  options: readonly FilterOption<Value>[];
  value: Value;
  onChange: (value: Value) => void;
  children?: ReactNode;
}): ReactElement {
  return (
    <div className="replay-filters">
      <div className="replay-chips" role="group" aria-label={props.label}>
        {props.options.map(({ value, name, count }) => (
          <button
            key={value}
            type="button"
            className="replay-chip"
            aria-pressed={value === props.value}
            onClick={() => props.onChange(value)}
          >
            {name}
            {count === undefined ? null : <span className="replay-chip-count">{count}</span>}
          </button>
        ))}
      </div>
      {props.children}
    </div>
  );
}

/** Why a list has no rows, and what to do. */
export function Empty({ title, children }: { title: string; children?: ReactNode }): ReactElement {
  return (
    <div className="replay-empty" role="status">
      <p className="replay-empty-title">{title}</p>
      {children}
    </div>
  );
}

export type Fact = readonly [name: string, value: ReactNode | undefined];

/** Ids and the like. */
export function code(text: string | undefined): ReactNode {
  return text === undefined ? undefined : <code>{text}</code>;
}

/** What a search finds of a fact. */
export function factText([name, value]: Fact): string {
  const shown = isValidElement<{ children?: unknown }>(value) ? value.props.children : value;
  return typeof shown === 'string' ? `${name} ${shown}` : name;
}

export function Facts({ facts }: { facts: readonly Fact[] }): ReactElement {
  return (
    <dl className="replay-facts">
      {facts.map(([name, value]) =>
        value === undefined || value === '' ? null : (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ),
      )}
    </dl>
  );
}

/** Of attributes as spans and events have them. */
export function attributeFacts(attributes: Readonly<Record<string, unknown>> | undefined): Fact[] {
  return Object.entries(attributes ?? {}).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
}

/** The chosen row, below the list. */
export function Detail(props: {
  title: string;
  actions?: ReactNode;
  children: ReactNode;
  onClose: () => void;
}): ReactElement {
  return (
    <section className="replay-detail" aria-label="Details of the chosen row" data-testid="detail">
      <div className="replay-detail-head">
        <h2 className="replay-detail-title">{props.title}</h2>
        {props.actions}
        <button
          type="button"
          className="replay-icon-button"
          data-small
          aria-label="Close details"
          title="Close (Esc)"
          onClick={props.onClose}
        >
          <Icon name="close" />
        </button>
      </div>
      <div className="replay-detail-body" tabIndex={0} role="region" aria-label="Facts">
        {props.children}
      </div>
    </section>
  );
}

export function SpanLink({ href }: { href: string | undefined }): ReactElement | null {
  if (href === undefined) return null;
  return (
    <a className="replay-button" data-small href={href} target="_blank" rel="noreferrer">
      Open trace <Icon name="external" />
    </a>
  );
}

/** How far the session was read, where that is not all of it. */
export function ReadingNote({
  playback,
  state,
}: {
  playback: Playback;
  state: PlaybackState;
}): ReactElement | null {
  const { status, bytes, unreadBytes } = state.reading;
  if (status === 'done' || status === 'off' || bytes === 0) return null;
  const share = Math.round(((bytes - unreadBytes) / bytes) * 100);
  return (
    <div
      className="replay-reading"
      // Each percent would be said aloud.
      role={status === 'reading' ? undefined : 'status'}
      data-testid="reading"
      data-status={status}
    >
      <span className="replay-reading-bar" aria-hidden="true">
        <i style={{ width: `${share}%` }} />
      </span>
      {status === 'reading' ? (
        <span>Reading the recording: {share} %</span>
      ) : (
        <>
          <span>
            {status === 'failed'
              ? `The rest could not be read (${share} % is).`
              : `${share} % is read, around the playhead.`}
          </span>
          <button
            type="button"
            className="replay-button"
            data-small
            onClick={() => playback.readRest(status === 'held' ? Infinity : undefined)}
          >
            {status === 'failed' ? 'Try again' : `Read the rest, ${bytesText(unreadBytes)}`}
          </button>
        </>
      )}
    </div>
  );
}
