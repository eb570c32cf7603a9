import { Button, type ButtonProps, Tooltip } from 'antd';
import { type KeyboardEvent, type MouseEvent, useId, useState } from 'react';
import './states.css';

type HeldButtonProps = Omit<ButtonProps, 'title' | 'aria-describedby' | 'onKeyDown'> & {
  /** Why it cannot be pressed now; undefined: it can. */
  why: string | undefined;
};

/** A button that says why it cannot be pressed: to the pointer, to the keys, to a finger and to who hears the page. */
export function HeldButton({ why, className, onClick, ...button }: HeldButtonProps) {
  const id = useId();
  const [isTold, setTold] = useState(false);
  const isHeld = why !== undefined;
  const press = (event: MouseEvent<HTMLElement>) => {
    if (!isHeld) return onClick?.(event);
    event.preventDefault();
    setTold(true);
  };
  const hush = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !isHeld || !isTold) return;
    event.stopPropagation();
    setTold(false);
  };
  return (
    <>
      <Tooltip title={why} open={isHeld && isTold} onOpenChange={setTold} trigger={['hover', 'focus']}>
        <span className="held-button">
          <Button
            {...button}
            // The look of what is disabled, and none of its silence.
            className={isHeld ? `${className ?? ''} ant-btn-disabled` : (className ?? '')}
            aria-disabled={isHeld}
            {...(isHeld ? { 'aria-describedby': id } : {})}
            onClick={press}
            onKeyDown={hush}
          />
        </span>
      </Tooltip>
      {isHeld ? (
        <span id={id} hidden>
          {why}
        </span>
      ) : null}
    </>
  );
}
