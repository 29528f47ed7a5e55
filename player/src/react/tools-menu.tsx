/** What one takes out of a replay; what a host or a source cannot offer is left out. */
import {
  lazy,
  Suspense,
  useEffect,
  useId,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactElement,
} from 'react';
import { createPortal } from 'react-dom';
import { Icon, type IconName } from './icons.js';
import { downloadOneFile, downloadReplay } from './tools-download.js';
import type { ToolsMenuProps } from './tools-props.js';

/** Nobody waits for them while a replay opens. */
const Inspector = lazy(async () => ({ default: (await import('./tools-inspector.js')).Inspector }));
const TestDialog = lazy(async () => ({ default: (await import('./tools-test.js')).TestDialog }));

interface Tool {
  icon: IconName;
  label: string;
  hint: string;
  run: () => void;
}

/** In the controls. */
export function ToolsMenu(props: ToolsMenuProps): ReactElement | null {
  const { playback, state, source, oneFileUrl } = props;
  const { session } = state;
  const buttonRef = useRef<HTMLButtonElement>(null);
  const [isOpen, setIsOpen] = useState(false);
  const [shown, setShown] = useState<'test' | 'inspector'>();
  const [said, setSaid] = useState<{ text: string; isError?: boolean }>();
  useEffect(() => setShown(undefined), [session?.sessionId]);
  if (session === undefined) return null;
  const download = async (what: string, make: () => Promise<void>): Promise<void> => {
    setSaid({ text: `Preparing ${what} …` });
    try {
      await make();
      setSaid(undefined);
    } catch (error) {
      setSaid({ text: error instanceof Error ? error.message : String(error), isError: true });
    }
  };
  const { sessionId } = session;
  const time = (): number => playback.clock.getSnapshot();
  const tools: Tool[] = [
    {
      icon: 'inspect',
      label: 'Inspect the page',
      hint: 'Elements of the replayed page',
      run: () => setShown('inspector'),
    },
  ];
  // These are made of the recording as it was made.
  const exportFile = playback.isMasked ? undefined : source.exportFile?.bind(source);
  if (!playback.isMasked) {
    tools.unshift({
      icon: 'test',
      label: 'Copy as Playwright test',
      hint: 'The clicks and inputs up to here',
      run: () => setShown('test'),
    });
  }
  if (exportFile !== undefined) {
    tools.push({
      icon: 'download',
      label: 'Download the session',
      hint: 'A .replay file, for “Open file”',
      run: () => void download('the file', () => downloadReplay(exportFile, sessionId)),
    });
  }
  if (exportFile !== undefined && oneFileUrl !== undefined) {
    const page = { exportFile, sessionId, oneFileUrl, time };
    tools.push({
      icon: 'page',
      label: 'Download as one page',
      hint: 'An .html file that plays by itself, offline',
      run: () => void download('the page', () => downloadOneFile(page)),
    });
  }
  const close = (): void => {
    setIsOpen(false);
    buttonRef.current?.focus();
  };
  const root = buttonRef.current?.closest('.replay-player');
  return (
    <span className="replay-tools">
      <button
        ref={buttonRef}
        type="button"
        className="replay-icon-button"
        aria-label="Tools"
        title="Tools"
        aria-haspopup="menu"
        aria-expanded={isOpen}
        data-testid="tools"
        onClick={() => setIsOpen(!isOpen)}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
          event.preventDefault();
          setIsOpen(true);
        }}
      >
        <Icon name="tools" />
      </button>
      {isOpen ? <Menu tools={tools} onClose={close} /> : null}
      {said === undefined ? null : (
        <span
          className="replay-tools-said"
          role={said.isError === true ? 'alert' : 'status'}
          data-error={said.isError}
        >
          {said.text}
          {said.isError === true ? (
            <button
              type="button"
              className="replay-icon-button"
              aria-label="Dismiss"
              onClick={() => setSaid(undefined)}
            >
              <Icon name="close" />
            </button>
          ) : null}
        </span>
      )}
      {shown === 'test' ? (
        <Suspense>
          <TestDialog {...props} session={session} onClose={() => setShown(undefined)} />
        </Suspense>
      ) : null}
      {shown === 'inspector' && root !== null && root !== undefined
        ? createPortal(
            <Suspense>
              <Inspector
                playback={playback}
                state={state}
                player={root}
                onClose={() => {
                  setShown(undefined);
                  buttonRef.current?.focus();
                }}
              />
            </Suspense>,
            root,
          )
        : null}
    </span>
  );
}

/** Arrow keys go through it, Escape and anything beside it close it. */
function Menu({ tools, onClose }: { tools: readonly Tool[]; onClose: () => void }): ReactElement {
  const ref = useRef<HTMLDivElement>(null);
  const id = useId();
  useEffect(() => {
    ref.current?.querySelector('button')?.focus();
  }, []);
  const onKeyDown = (event: KeyboardEvent): void => {
    event.stopPropagation(); // The player's own keys are not meant.
    const items = [...(ref.current?.querySelectorAll('button') ?? [])];
    const at = items.indexOf(document.activeElement as HTMLButtonElement);
    const to = {
      ArrowDown: (at + 1) % items.length,
      ArrowUp: (at - 1 + items.length) % items.length,
      Home: 0,
      End: items.length - 1,
    }[event.key];
    if (event.key === 'Escape' || event.key === 'Tab') onClose();
    if (to !== undefined) items[to]?.focus();
    if (to !== undefined || event.key === 'Escape') event.preventDefault();
  };
  return (
    <div
      ref={ref}
      className="replay-menu"
      role="menu"
      aria-label="Tools"
      onKeyDown={onKeyDown}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) onClose();
      }}
    >
      {tools.map(({ icon, label, hint, run }, at) => (
        <button
          key={label}
          type="button"
          role="menuitem"
          tabIndex={-1}
          aria-describedby={`${id}-${at}`}
          onClick={() => {
            onClose();
            run();
          }}
        >
          <Icon name={icon} />
          <span className="replay-menu-label">{label}</span>
          <span className="replay-menu-hint" id={`${id}-${at}`}>
            {hint}
          </span>
        </button>
      ))}
    </div>
  );
}
