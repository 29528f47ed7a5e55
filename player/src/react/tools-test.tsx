/** The session as a Playwright test: what it shall expect, from where to where, and its text. */
import { useEffect, useId, useRef, useState, type ReactElement } from 'react';
import type { SessionManifest } from '@otel-replay/protocol';
import { tellStory, writeTest, type Outcome, type Story } from '../tools/playwright/index.js';
import { clockText, pathText } from './format.js';
import { Icon } from './icons.js';
import { CopyButton } from './copy-button.js';
import { saveText } from './tools-download.js';
import type { ToolsMenuProps } from './tools-props.js';

export interface TestDialogProps extends ToolsMenuProps {
  session: SessionManifest;
  onClose: () => void;
}

type Told = { story: Story } | { problem: string } | undefined;

export function TestDialog(props: TestDialogProps): ReactElement {
  const { playback, state, session, source, onClose, linkAt } = props;
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  const [playhead] = useState(() => playback.clock.getSnapshot());
  const page = pageStart(session, state.recordingId);
  const [start, setStart] = useState<'session' | 'page'>('session');
  const [end, setEnd] = useState<'playhead' | 'session'>(
    playhead > state.from ? 'playhead' : 'session',
  );
  const [outcome, setOutcome] = useState<Outcome>('as_recorded');
  const [told, setTold] = useState<Told>();
  useEffect(() => {
    playback.pause();
    ref.current?.showModal();
  }, [playback]);
  useEffect(() => {
    const controller = new AbortController();
    const from = start === 'page' ? page : state.from;
    const to = Math.max(from, end === 'playhead' ? playhead : state.to);
    setTold(undefined);
    tellStory(source, session, { from, to }, controller.signal).then(
      (story) => setTold({ story }),
      (error: unknown) => {
        if (controller.signal.aborted) return;
        setTold({ problem: error instanceof Error ? error.message : String(error) });
      },
    );
    return () => controller.abort();
  }, [source, session, start, end, page, playhead, state.from, state.to]);
  const link = linkAt?.(Math.round(playhead));
  const story = told !== undefined && 'story' in told ? told.story : undefined;
  const title = titleOf(story);
  const text =
    story && writeTest(story, { outcome, title, ...(link === undefined ? {} : { link }) });
  const failed = story?.steps.some(
    ({ answers, errors }) => errors.length > 0 || answers.some((answer) => answer.failed),
  );
  return (
    <dialog
      ref={ref}
      className="replay-dialog"
      aria-labelledby={`${id}-title`}
      data-testid="test-dialog"
      onClose={onClose}
      // The player's own keys are not meant.
      onKeyDown={(event) => event.stopPropagation()}
    >
      <header className="replay-dialog-head">
        <h2 id={`${id}-title`}>Playwright test of this session</h2>
        <button
          type="button"
          className="replay-icon-button"
          aria-label="Close"
          onClick={() => ref.current?.close()}
        >
          <Icon name="close" />
        </button>
      </header>
      <div className="replay-dialog-options">
        <Choice
          label="It expects"
          value={outcome}
          onChange={setOutcome}
          options={[
            ['as_recorded', 'what happened: passes while the bug is there'],
            ['as_it_should_be', 'no failure: passes when the bug is fixed'],
          ]}
        />
        <Choice
          label="From"
          value={start}
          onChange={setStart}
          options={[
            ['session', 'the start of the session'],
            ['page', `this page, ${clockText(page - state.from)}`],
          ]}
        />
        <Choice
          label="To"
          value={end}
          onChange={setEnd}
          options={[
            ['playhead', `the playhead, ${clockText(playhead - state.from)}`],
            ['session', `the end, ${clockText(state.to - state.from)}`],
          ]}
        />
      </div>
      {told !== undefined && 'problem' in told ? (
        <p className="replay-dialog-note" role="alert" data-error>
          {told.problem}
        </p>
      ) : (
        <p className="replay-dialog-note" role="status">
          {summaryOf(story, failed === true)}
        </p>
      )}
      <pre
        className="replay-test-code"
        tabIndex={0}
        role="region"
        aria-label="The test"
        aria-busy={text === undefined}
        data-testid="test-code"
      >
        {text ?? ''}
      </pre>
      <footer className="replay-dialog-foot">
        <CopyButton text={text} />
        <button
          type="button"
          className="replay-button"
          disabled={text === undefined}
          onClick={() => saveText(text ?? '', 'recorded-session.spec.ts')}
        >
          <Icon name="download" />
          Download
        </button>
      </footer>
    </dialog>
  );
}

function Choice<T extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: T;
  options: readonly (readonly [value: T, text: string])[];
  onChange: (value: T) => void;
}): ReactElement {
  const id = useId();
  return (
    <span className="replay-select">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        value={value}
        onChange={(event) => {
          const chosen = options.find(([option]) => option === event.target.value);
          if (chosen !== undefined) onChange(chosen[0]);
        }}
      >
        {options.map(([option, text]) => (
          <option key={option} value={option}>
            {text}
          </option>
        ))}
      </select>
    </span>
  );
}

/** Where the recording on the stage begins. */
function pageStart({ recordings }: SessionManifest, recordingId: string | undefined): number {
  const own = recordings.find((recording) => recording.recordingId === recordingId);
  return own?.firstTimestamp ?? recordings[0]?.firstTimestamp ?? 0;
}

function titleOf(story: Story | undefined): string {
  const urls = story?.steps.flatMap(({ action }) => ('url' in action ? [action.url] : [])) ?? [];
  const failing = story?.steps.flatMap(({ answers }) => answers).find((answer) => answer.failed);
  if (failing !== undefined) return `${failing.method} ${pathText(failing.url)} is answered`;
  return `a visit to ${pathText(urls[0] ?? '/')}`;
}

function summaryOf(story: Story | undefined, failed: boolean): string {
  if (story === undefined) return 'Reading the session …';
  const { steps, parameters } = story;
  if (steps.length === 0) return 'Nothing was done in this time.';
  const parts = [`${steps.length} ${steps.length === 1 ? 'step' : 'steps'}`];
  if (parameters.length > 0) {
    const them = parameters.length === 1 ? 'value that is' : 'values that are';
    parts.push(`${parameters.length} ${them} masked in the recording and made up in the test`);
  }
  if (!failed) parts.push('nothing failed up to there');
  return parts.join(' · ');
}
