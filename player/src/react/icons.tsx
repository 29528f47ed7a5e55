/** A handful of line icons, 16 by 16, in the text's colour; decoration only. */
import type { ReactElement, ReactNode } from 'react';

export type IconName =
  | 'play'
  | 'pause'
  | 'back'
  | 'forward'
  | 'restart'
  | 'fullscreen'
  | 'link'
  | 'check'
  | 'lock'
  | 'error'
  | 'click'
  | 'rage'
  | 'page'
  | 'search'
  | 'skip'
  | 'arrow-left'
  | 'download'
  | 'upload'
  | 'eye-off'
  | 'clock'
  | 'flag'
  | 'tabs'
  | 'tools'
  | 'inspect'
  | 'test'
  | 'network-failed'
  | 'console'
  | 'warn'
  | 'dead-click'
  | 'freeze'
  | 'star'
  | 'gauge'
  | 'keyboard'
  | 'eye'
  | 'close'
  | 'follow'
  | 'next-error'
  | 'previous-error'
  | 'real-size'
  | 'fit'
  | 'help'
  | 'external'
  | 'copy'
  | 'filter'
  | 'shield'
  | 'lists';

const PATHS: Record<IconName, ReactNode> = {
  play: <path d="M4.5 2.6v10.8L13 8z" fill="currentColor" strokeLinejoin="round" />,
  pause: <path d="M4.2 2.8h2.3v10.4H4.2zM9.5 2.8h2.3v10.4H9.5z" fill="currentColor" />,
  back: <path d="M3 2.8v3.4h3.4M3.2 6.1A5.4 5.4 0 1 1 2.7 9" />,
  forward: <path d="M13 2.8v3.4H9.6m3.2-.1A5.4 5.4 0 1 0 13.3 9" />,
  restart: <path d="M3 2.8v3.4h3.4M3.2 6.1A5.4 5.4 0 1 1 2.7 9" />,
  fullscreen: <path d="M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10" />,
  link: (
    <path d="M6.8 9.2a2.6 2.6 0 0 0 3.7 0l2.2-2.2A2.6 2.6 0 0 0 9 3.300l-.9.9M9.2 6.800a2.6 2.6 0 0 0-3.7 0L3.3 9A2.6 2.6 0 0 0 7 12.700l.9-.9" />
  ),
  check: <path d="m3 8.5 3.2 3.200L13 4.8" />,
  lock: <path d="M4 7.200h8v6H4zM5.6 7.200V5.300a2.4 2.4 0 0 1 4.8 0v1.9" />,
  error: <path d="M8 2.2 14.3 13.200H1.700zM8 6.400v3.200m0 1.700v.2" />,
  click: <path d="m6 6 7 2.7-3 1.3-1.3 3zM3.5 1.800l.7 2M1.8 5.200l2 .5M6.6 1.800l-.6 2" />,
  rage: (
    <path d="M8 1.800a6.2 6.2 0 1 1 0 12.400A6.2 6.2 0 0 1 8 1.800zM5 6l1.6 1M11 6 9.4 7M5.5 11.200c1.4-1.5 3.6-1.5 5 0" />
  ),
  flag: <path d="M3.5 14.5v-13M3.5 2.500h9l-2 3 2 3h-9" />,
  page: <path d="M3.5 1.800h6l3 3v9.400h-9zM9.3 1.800V5h3.2" />,
  search: <path d="M7 2.500a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9zM10.3 10.300l3.4 3.4" />,
  skip: <path d="m2.5 3.5 5 4.5-5 4.500zM8.5 3.500l5 4.5-5 4.500z" strokeLinejoin="round" />,
  'arrow-left': <path d="M13.5 8h-11M6.5 4l-4 4 4 4" />,
  download: <path d="M8 2v8M4.8 7 8 10.2 11.2 7M2.5 13.500h11" />,
  upload: <path d="M8 10.500v-8M4.8 5.5 8 2.300l3.2 3.200M2.5 13.500h11" />,
  'eye-off': (
    <path d="M1.5 8S3.9 3.5 8 3.5 14.5 8 14.5 8 12.1 12.5 8 12.5 1.5 8 1.5 8zM8 6a2 2 0 1 1 0 4 2 2 0 0 1 0-4zM2.5 13.500l11-11" />
  ),
  clock: <path d="M8 1.800a6.2 6.2 0 1 1 0 12.400A6.2 6.2 0 0 1 8 1.800zM8 4.500V8l2.4 1.6" />,
  'network-failed': (
    <path d="M2 5.500h9.5L9 3M14 10.500H4.500L7 13M12.300 1.800l2.4 2.4m0-2.400-2.400 2.4" />
  ),
  warn: <path d="M8 1.800a6.2 6.2 0 1 1 0 12.400A6.2 6.2 0 0 1 8 1.800zM8 4.700v4m0 2.200v.1" />,
  console: <path d="M1.800 2.800h12.400v10.400H1.800zM4.300 6l2.200 2-2.200 2M8 10.300h3.400" />,
  'dead-click': (
    <path d="M8 1.800a6.2 6.2 0 1 1 0 12.400A6.2 6.2 0 0 1 8 1.800zM3.700 3.700l8.600 8.6" />
  ),
  freeze: (
    <path d="M4 1.800h8M4 14.200h8M4.800 1.800c0 4 6.400 4.500 6.400 8.200v4.200M11.200 1.800c0 4-6.400 4.500-6.400 8.200v4.200" />
  ),
  star: (
    <path d="m8 1.900 1.900 3.9 4.200.6-3.100 3 .8 4.300L8 11.700l-3.800 2 .8-4.300-3.100-3 4.200-.6z" />
  ),
  gauge: <path d="M2.300 12.500a6.2 6.2 0 1 1 11.400 0M8 9.800l3-3.600" />,
  keyboard: (
    <path d="M1.500 3.800h13v8.400h-13zM4 6.500h.1M6.700 6.500h.1M9.300 6.500h.1M12 6.500h.1M5 9.600h6" />
  ),
  eye: (
    <path d="M1.500 8S3.900 3.500 8 3.500 14.500 8 14.500 8 12.100 12.500 8 12.500 1.500 8 1.500 8zM8 6a2 2 0 1 1 0 4 2 2 0 0 1 0-4z" />
  ),
  close: <path d="m3.800 3.800 8.400 8.400m0-8.400-8.400 8.400" />,
  follow: (
    <path d="M8 1.500v3m0 7v3M1.500 8h3m7 0h3M8 4.500a3.500 3.500 0 1 1 0 7 3.500 3.500 0 0 1 0-7z" />
  ),
  'next-error': <path d="M6 3 11 11.800H1zM6 6.300v2.200m0 1.500v.1M12 5.500 14.500 8 12 10.500" />,
  'previous-error': (
    <path d="m10 3 5 8.800H5zM10 6.300v2.200m0 1.500v.1M4 5.500 1.500 8 4 10.500" />
  ),
  'real-size': (
    <path d="M1.800 3h12.400v10H1.800zM4.500 6l1-.7v5M10.500 6l1-.7v5M8 6.700h.1M8 9.300h.1" />
  ),
  fit: (
    <path d="M1.800 3h12.400v10H1.800zM6.500 6.500 4.300 4.800m5.200 1.700 2.200-1.700M6.500 9.500l-2.200 1.700m5.200-1.700 2.200 1.700" />
  ),
  help: (
    <path d="M8 1.800a6.2 6.2 0 1 1 0 12.400A6.2 6.2 0 0 1 8 1.800zM6.200 6.300a1.900 1.900 0 1 1 2.600 1.900c-.6.300-.8.600-.8 1.300m0 1.900v.1" />
  ),
  external: <path d="M9.500 2.500h4v4M13.300 2.700 7.500 8.500M11.500 9.500v4h-9v-9h4" />,
  copy: <path d="M5.500 5.500h8v8h-8zM10.500 5.500v-3h-8v8h3" />,
  filter: <path d="M2 3h12L9.500 8.300v5l-3-1.600V8.300z" />,
  shield: (
    <path d="m8 1.700 5.300 1.900v4.100c0 3.200-2.200 5.400-5.300 6.600-3.100-1.200-5.300-3.400-5.300-6.600V3.600z" />
  ),
  lists: (
    <path d="M1.800 2.800h12.400v10.400H1.800zM9.500 2.800v10.400M11.300 5.500h1.200M11.300 8h1.200M11.300 10.500h1.200" />
  ),
  tools: (
    <path d="M13.600 4.300a3.600 3.600 0 0 1-4.900 4.400l-4.600 4.600a1.200 1.200 0 0 1-1.700-1.700L7 7a3.600 3.600 0 0 1 4.400-4.900L9.300 4.200l.4 2.100 2.100.4z" />
  ),
  inspect: <path d="M13.500 6V2.500h-11v11H6M7.500 7.500l6.500 2.300-2.800 1.400-1.400 2.800z" />,
  test: <path d="M5.500 4.500 2 8l3.500 3.500M10.500 4.500 14 8l-3.500 3.500M9 3 7 13" />,
  tabs: <path d="M2 4.500h12v8.700H2zM2 4.500V2.800h4.500v1.7" />,
};

export function Icon({ name }: { name: IconName }): ReactElement {
  return (
    <svg
      className="replay-icon"
      viewBox="0 0 16 16"
      width="16"
      height="16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {PATHS[name]}
    </svg>
  );
}
