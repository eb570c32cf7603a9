import { Button } from 'antd';
import { type ReactNode, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from './icons.js';
import { useKeys } from './keys.js';
import './side-panel.css';

interface SidePanelProps {
  title: string;
  mark?: ReactNode;
  /** Where the thing's own page is. */
  fullPage?: ReactNode;
  actions?: ReactNode;
  onClose: () => void;
  children: ReactNode;
}

/** Details at the right of a list that stays in place; covers the page where there is no room for both. */
export function SidePanel({ title, mark, fullPage, actions, onClose, children }: SidePanelProps) {
  const { t } = useTranslation();
  const body = useRef<HTMLDivElement>(null);
  useKeys([{ key: 'Escape', does: t('closePanel'), run: onClose }]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another thing starts at its top
  useEffect(() => {
    body.current?.scrollTo(0, 0);
  }, [title]);
  return (
    <aside className="side-panel" aria-label={title}>
      <header className="side-panel-head">
        <div className="grow">
          <h2 className="side-panel-title">{title}</h2>
          {mark}
        </div>
        {fullPage}
        <Button type="text" icon={<Icon name="close" />} onClick={onClose} aria-label={t('closePanel')} />
      </header>
      <div className="side-panel-body" ref={body}>
        {children}
      </div>
      {actions ? <footer className="side-panel-foot">{actions}</footer> : null}
    </aside>
  );
}
