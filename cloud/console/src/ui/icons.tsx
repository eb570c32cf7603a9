const paths = {
  today: 'M3.5 10a6.5 6.5 0 1 0 13 0 6.5 6.5 0 0 0-13 0ZM10 6.4V10l2.6 1.6',
  hall: 'M3 16.5h14M4.5 16.5V8.2L10 4l5.5 4.2v8.3M8 16.5v-4.4h4v4.4',
  device: 'M5 5.5h10v9H5zM8 2.8v2.7M12 2.8v2.7M8 14.5v2.7M12 14.5v2.7M2.6 8.2H5M2.6 11.8H5M15 8.2h2.4M15 11.8h2.4',
  unit: 'M3.5 4h13v5h-13zM3.5 11h13v5h-13zM6.3 6.5h.01M6.3 13.5h.01M9.5 6.5h4.5M9.5 13.5h4.5',
  alarm:
    'M10 3.2a4.6 4.6 0 0 0-4.6 4.6c0 4.4-1.7 5.4-1.7 5.4h12.6s-1.7-1-1.7-5.4A4.6 4.6 0 0 0 10 3.2ZM8.6 15.8a1.6 1.6 0 0 0 2.8 0',
  admin:
    'M7.6 9.4a2.9 2.9 0 1 0 0-5.8 2.9 2.9 0 0 0 0 5.8ZM2.6 16.2c.4-2.9 2.3-4.4 5-4.4s4.6 1.5 5 4.4M12.8 4a2.7 2.7 0 0 1 0 5M14.5 12.1c1.7.5 2.7 1.9 3 4.1',
  search: 'M9 14.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11ZM13 13l3.8 3.8',
  menu: 'M3.5 5.5h13M3.5 10h13M3.5 14.5h13',
  close: 'M5 5l10 10M15 5 5 15',
  chevron: 'M7.5 5 12.5 10l-5 5',
  down: 'M5.5 8 10 12.5 14.5 8',
  sun: 'M10 13.2a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4ZM10 2.6v1.6M10 15.8v1.6M2.6 10h1.6M15.8 10h1.6M4.8 4.8l1.1 1.1M14.1 14.1l1.1 1.1M4.8 15.2l1.1-1.1M14.1 5.9l1.1-1.1',
  moon: 'M16.2 11.8A6.6 6.6 0 0 1 8.2 3.8a6.6 6.6 0 1 0 8 8Z',
  language:
    'M3 5.5h8M7 3.5v2M9.3 5.5c-.7 3.1-2.7 5.5-5.8 7M4.8 8c1 1.9 2.6 3.3 4.7 4.2M10.2 16.5l3.3-8 3.3 8M11.4 13.8h4.2',
  me: 'M10 10.2a3.3 3.3 0 1 0 0-6.6 3.3 3.3 0 0 0 0 6.6ZM4 16.6c.5-2.9 2.8-4.5 6-4.5s5.5 1.6 6 4.5',
  place:
    'M10 17s5.3-4.6 5.3-8.8A5.3 5.3 0 0 0 4.7 8.2C4.7 12.4 10 17 10 17ZM10 10a1.9 1.9 0 1 0 0-3.8A1.9 1.9 0 0 0 10 10Z',
  columns: 'M3.5 4.5h13v11h-13zM8 4.5v11M12.5 4.5v11',
  copy: 'M7 7h9.5v9.5H7zM13 7V3.5H3.5V13H7',
  export: 'M10 3.5v9M6.5 9 10 12.5 13.5 9M4 16.5h12',
  open: 'M8 4.5H4.5v11h11V12M11.5 4h4.5v4.5M16 4l-6.5 6.5',
  refresh: 'M16 10a6 6 0 1 1-1.9-4.4M16.2 3.2v3.2H13',
  keys: 'M2.8 5.5h14.4v9H2.8zM5.5 8.3h.01M8.5 8.3h.01M11.5 8.3h.01M14.5 8.3h.01M6.5 11.7h7',
  lock: 'M5 9.2h10v7H5zM7 9.2V6.6a3 3 0 0 1 6 0v2.6',
  check: 'M4 10.5 8 14.5 16 5.5',
  plus: 'M10 4v12M4 10h12',
  pending: 'M10 3.5v7M7 7.8l3 3 3-3M3.5 11v5h13v-5',
  filter: 'M3 5h14M6 10h8M8.5 15h3',
  more: 'M4.5 10h.01M10 10h.01M15.5 10h.01',
  edit: 'M4 16l.8-3.4L13.2 4.2l2.6 2.6-8.4 8.4ZM11.6 5.8l2.6 2.6',
  out: 'M8 4H4v12h4M12.5 6.5 16 10l-3.5 3.5M16 10H8',
  audit: 'M5 3.5h7l3 3v10H5zM12 3.5v3h3M7.5 10h5M7.5 13h5',
} as const;

export type IconName = keyof typeof paths;

/** One line weight, one grid: a 20 px icon that takes the colour of its text. */
export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg
      viewBox="0 0 20 20"
      width={size}
      height={size}
      aria-hidden="true"
      className="icon"
      fill="none"
      stroke="currentColor"
      strokeWidth={name === 'more' ? 2.2 : 1.4}
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={paths[name]} />
    </svg>
  );
}

/** The product's mark: two posts of an H held together by a node. */
export function Brand({ size = 24 }: { size?: number }) {
  return (
    <svg viewBox="0 0 32 32" width={size} height={size} aria-hidden="true" className="brand-mark">
      <rect width="32" height="32" rx="7" className="brand-ground" />
      <g className="brand-lines" fill="none" strokeWidth="2.6" strokeLinecap="round">
        <path d="M9 8v16M23 8v16M9 16h4.2M18.8 16H23" />
      </g>
      <circle cx="16" cy="16" r="2.9" className="brand-node" />
    </svg>
  );
}
