/** A button and what it opens above itself; Escape and a click beside it close it. */
import {
  useEffect,
  useId,
  useRef,
  type KeyboardEvent,
  type ReactElement,
  type ReactNode,
} from 'react';

export interface PopoverProps {
  /** Name of the button, and of what it opens. */
  label: string;
  /** Shown while the pointer rests on the button. */
  title?: string;
  /** In the button. */
  button: ReactNode;
  isOpen: boolean;
  onOpen: (isOpen: boolean) => void;
  children: ReactNode;
}

export function Popover(props: PopoverProps): ReactElement {
  const { label, isOpen, onOpen } = props;
  const id = useId();
  const ref = useRef<HTMLSpanElement>(null);
  const buttonRef = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!isOpen) return undefined;
    const onPointerDown = (event: PointerEvent): void => {
      if (event.target instanceof Node && ref.current?.contains(event.target)) return;
      onOpen(false);
    };
    document.addEventListener('pointerdown', onPointerDown);
    return () => document.removeEventListener('pointerdown', onPointerDown);
  }, [isOpen, onOpen]);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || !isOpen) return;
    event.preventDefault();
    event.stopPropagation();
    onOpen(false);
    buttonRef.current?.focus();
  };
  return (
    <span className="replay-popover" ref={ref} onKeyDown={onKeyDown}>
      <button
        ref={buttonRef}
        type="button"
        className="replay-icon-button"
        aria-label={label}
        title={props.title ?? label}
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        onClick={() => onOpen(!isOpen)}
      >
        {props.button}
      </button>
      {isOpen ? (
        <div className="replay-popover-panel" id={id} role="group" aria-label={label} tabIndex={0}>
          {props.children}
        </div>
      ) : null}
    </span>
  );
}
