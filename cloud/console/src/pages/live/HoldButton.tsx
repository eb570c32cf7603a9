import { useRef } from 'react';

interface HoldButtonProps {
  label: string;
  children: React.ReactNode;
  disabled?: boolean | undefined;
  onHold: () => void;
  onEnd: () => void;
  className?: string;
}

/** A click that is no press: of a screen reader, say. */
const nudgeMs = 300;
const isPress = (key: string) => key === ' ' || key === 'Enter';

/** Does something as long as it is pressed, by pointer or key, and not longer whatever happens. */
export function HoldButton({ label, children, disabled, onHold, onEnd, className }: HoldButtonProps) {
  const pressed = useRef(false);
  const begin = () => {
    pressed.current = true;
    onHold();
  };
  const end = () => {
    if (!pressed.current) return;
    pressed.current = false;
    onEnd();
  };
  return (
    <button
      type="button"
      className={className ? `steer-key ${className}` : 'steer-key'}
      aria-label={label}
      title={label}
      disabled={disabled}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        begin();
      }}
      onPointerUp={end}
      onPointerCancel={end}
      onLostPointerCapture={end}
      onContextMenu={(event) => event.preventDefault()}
      onKeyDown={(event) => {
        if (!isPress(event.key)) return;
        event.preventDefault();
        if (!event.repeat) begin();
      }}
      onKeyUp={(event) => {
        if (!isPress(event.key)) return;
        event.preventDefault();
        end();
      }}
      onBlur={end}
      onClick={(event) => {
        if (event.detail !== 0 || pressed.current) return;
        begin();
        setTimeout(end, nudgeMs);
      }}
    >
      {children}
    </button>
  );
}
