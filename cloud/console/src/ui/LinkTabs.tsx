import { type ReactNode, useEffect, useRef } from 'react';
import './link-tabs.css';

interface LinkTabsProps {
  label: string;
  tabs: { key: string; active: boolean; link: ReactNode }[];
}

/** Neighbouring pages as tabs: real links, so that they open in a new window too. */
export function LinkTabs({ label, tabs }: LinkTabsProps) {
  const list = useRef<HTMLUListElement>(null);
  const active = tabs.find((tab) => tab.active)?.key;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the tab in view follows the one that is open.
  useEffect(() => {
    const tab = list.current?.querySelector<HTMLElement>('.is-active');
    // Not scrollIntoView: the page itself stays where it is.
    if (list.current && tab) {
      list.current.scrollLeft = tab.offsetLeft - (list.current.clientWidth - tab.offsetWidth) / 2;
    }
  }, [active]);
  return (
    <nav aria-label={label}>
      <ul className="link-tabs" ref={list}>
        {tabs.map((tab) => (
          <li key={tab.key} className={tab.active ? 'link-tab is-active' : 'link-tab'}>
            {tab.link}
          </li>
        ))}
      </ul>
    </nav>
  );
}
