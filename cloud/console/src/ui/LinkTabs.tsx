import type { ReactNode } from 'react';
import './link-tabs.css';

interface LinkTabsProps {
  label: string;
  tabs: { key: string; active: boolean; link: ReactNode }[];
}

/** Neighbouring pages as tabs: real links, so that they open in a new window too. */
export function LinkTabs({ label, tabs }: LinkTabsProps) {
  return (
    <nav aria-label={label}>
      <ul className="link-tabs">
        {tabs.map((tab) => (
          <li key={tab.key} className={tab.active ? 'link-tab is-active' : 'link-tab'}>
            {tab.link}
          </li>
        ))}
      </ul>
    </nav>
  );
}
