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
  undo: 'M4 8h8.2a4.3 4.3 0 0 1 0 8.6H8M7.2 4.8 4 8l3.2 3.2',
  redo: 'M16 8H7.8a4.3 4.3 0 0 0 0 8.6H12M12.8 4.8 16 8l-3.2 3.2',
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
  ticket: 'M3.5 6h13v2.6a1.6 1.6 0 0 0 0 2.8V14h-13v-2.6a1.6 1.6 0 0 0 0-2.8ZM12 6v8',
  star: 'M10 3.4l2 4.2 4.6.6-3.3 3.2.8 4.6-4.1-2.2L5.9 16l.8-4.6L3.4 8.200l4.6-.600Z',
  display: 'M2.8 4.500h14.400v8.600H2.800zM7 16.500h6M10 13.100v3.400M6 8.800h5',
  kiosk: 'M5.5 2.800h9v9h-9zM8.8 11.800v5.400h2.400v-5.400M6.5 17.200h7',
  idCard:
    'M2.8 4.800h14.400v10.400H2.800zM7 10a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3ZM4.7 13c.3-1.2 1.1-1.8 2.3-1.800s2 .6 2.3 1.800M11.5 8h3.500M11.5 11h3.5',
  card: 'M2.8 5h14.400v10H2.800zM2.8 8.300h14.400M5.5 12.200h3',
  code: 'M3.5 6.500v-3h3M13.5 3.500h3v3M16.5 13.500v3h-3M6.5 16.500h-3v-3M6.5 7v6M9 7v6M11 7v6M13.5 7v6',
  scanner: 'M5 17h10M10 17v-3.500M6.5 3.500h5l2 4-2.5 6h-2l1-5-3.5-1Z',
  printer: 'M6 7.500V3.500h8v4M3.5 7.500h13v6H14M6 13.500H3.500v-6M6 11.500h8v5H6z',
  camera: 'M3 6.500h8.500a2 2 0 0 1 2 2v3a2 2 0 0 1-2 2H3zM13.5 9l3.5-2v6l-3.5-2M6 10h.010',
  microphone:
    'M10 3a2.3 2.3 0 0 0-2.3 2.300v4a2.3 2.3 0 0 0 4.6 0v-4A2.3 2.3 0 0 0 10 3ZM5.2 9.300a4.8 4.8 0 0 0 9.6 0M10 14.100V17M7.5 17h5',
  speaker: 'M3.5 8v4h2.800L10 15V5L6.3 8ZM12.5 7.700a3.3 3.3 0 0 1 0 4.600M14.6 5.800a6 6 0 0 1 0 8.4',
  play: 'M2.8 4.500h14.400v11H2.800zM8.5 7.500v5l4-2.500Z',
  meter: 'M10 16.500a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM10 10l3-3M6.5 13h7',
  battery: 'M3 6.500h12v7H3zM15 8.800h2v2.400h-2M9.5 7.800l-2.2 2.600h3l-2 2.4',
  socket: 'M3 5.500h14v9H3zM6.3 9v2M8.3 9v2M12 9v2M14 9v2',
  thermometer: 'M8.5 11.400V4.700a1.5 1.5 0 0 1 3 0v6.700a3 3 0 1 1-3 0ZM10 8v6',
  drop: 'M10 3.200s-4.6 5-4.6 8.400a4.6 4.6 0 0 0 9.2 0C14.6 8.2 10 3.2 10 3.200Z',
  smoke:
    'M4 16.500h12M6 13.500c-2-2 1.5-3 0-5.500s1-3.5 1-4.500M10 13.500c-2-2 1.5-3 0-5.500s1-3.5 1-4.500M14 13.500c-2-2 1.5-3 0-5.500s1-3.5 1-4.5',
  gas: 'M10 16.800a4.8 4.8 0 0 0 4.8-4.800c0-3.5-2.6-4.3-3-8.8-3 1.5-3.8 4-3.4 6-1-.4-1.3-1.3-1.3-2.200C5.7 8.5 5.2 10 5.2 12a4.8 4.8 0 0 0 4.8 4.800Z',
  snow: 'M10 3v14M4 6.500l12 7M16 6.500l-12 7M8 4.500l2 2 2-2M8 15.500l2-2 2 2',
  dial: 'M10 16.500a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM10 12.500a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM10 3.500v2M16.5 10h-2M3.5 10h2',
  relay: 'M3 13.500h4l6-6M13 13.500h4M3 6.500h4M7 13.500h.010M13 13.500h.010',
  bulb: 'M7.5 13.500c0-1.5-2-2.5-2-5a4.5 4.5 0 0 1 9 0c0 2.5-2 3.5-2 5ZM8 16.500h4',
  door: 'M5.5 16.500v-13h9v13M3.5 16.500h13M12 10h.010',
  network: 'M8 3.500h4v3.500H8zM3 13h4v3.500H3zM13 13h4v3.500h-4zM10 7v3M5 13v-3h10v3',
  book: 'M4 4.500h4.500L10 6l1.5-1.500H16v11h-4.500L10 17l-1.5-1.500H4ZM10 6v11',
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
