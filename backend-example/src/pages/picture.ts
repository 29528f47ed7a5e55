/**
 * Product pictures, drawn inline: they are part of the document, so a replay shows them without
 * asking the shop for anything.
 */
import { html } from './html.js';
import type { Html } from './html.js';

/** Decorative: the product's name always stands beside it. */
export function picture(slug: string): Html {
  const drawing = DRAWINGS[slug] ?? html``;
  return html`<svg class="picture" viewBox="0 0 240 200" aria-hidden="true" focusable="false">
    <rect
      width="240"
      height="200"
      fill="var(--${slug === 'gift-card' ? 'backdrop-2' : 'backdrop'})"
    />
    <ellipse cx="120" cy="164" rx="82" ry="9" fill="var(--shade)" />
    ${drawing}
  </svg>`;
}

const DRAWINGS: Readonly<Record<string, Html>> = {
  'celadon-teapot': html`<path
      d="M176 96c24-6 30 34-4 44"
      fill="none"
      stroke="#6f9a83"
      stroke-width="11"
      stroke-linecap="round"
    />
    <path d="M72 106c-18-4-24-18-36-22-6-2-8 4-4 8 12 10 14 32 40 38z" fill="#86b09a" />
    <path d="M68 112c0-24 24-40 54-40s54 16 54 40c0 30-20 52-54 52s-54-22-54-52z" fill="#93bda6" />
    <path
      d="M68 112c0-24 24-40 54-40 8 0 15 1 22 3-40 4-58 30-50 82-17-9-26-26-26-45z"
      fill="#a9cfba"
      opacity=".7"
    />
    <path d="M92 76c4-14 56-14 60 0-14 6-46 6-60 0z" fill="#7ba58e" />
    <circle cx="122" cy="60" r="8" fill="#6f9a83" />`,
  'harbour-mug': html`<path
      d="M160 86c34-4 34 54-2 50"
      fill="none"
      stroke="#d9d0c1"
      stroke-width="12"
    />
    <path d="M68 66h96v72c0 16-12 26-28 26H96c-16 0-28-10-28-26z" fill="#efe7d9" />
    <path
      d="M68 112c16-8 32 6 48 0s32-6 48 0v26c0 16-12 26-28 26H96c-16 0-28-10-28-26z"
      fill="#2f5d8c"
    />
    <path d="M68 122c16-8 32 6 48 0s32-6 48 0" fill="none" stroke="#7fa6cc" stroke-width="3" />
    <ellipse cx="116" cy="66" rx="48" ry="9" fill="#cfc4b1" />
    <ellipse cx="116" cy="68" rx="40" ry="6" fill="#5b3a23" />`,
  'tasting-bowls': html`<path d="M34 104h76c0 32-14 58-38 58s-38-26-38-58z" fill="#c8794f" />
    <ellipse cx="72" cy="104" rx="38" ry="8" fill="#a85f3a" />
    <path d="M130 104h76c0 32-14 58-38 58s-38-26-38-58z" fill="#6d86a3" />
    <ellipse cx="168" cy="104" rx="38" ry="8" fill="#546c88" />
    <path d="M84 62h72c0 30-12 52-36 52S84 92 84 62z" fill="#e7dcc6" />
    <ellipse cx="120" cy="62" rx="36" ry="8" fill="#cbbd9f" />
    <ellipse cx="120" cy="63" rx="28" ry="5" fill="#b98f3e" />`,
  'high-mountain-oolong': html`<path
      d="M74 62h92l8 92c0 6-4 10-10 10H76c-6 0-10-4-10-10z"
      fill="#3f6b54"
    />
    <path d="M74 62l8-22h76l8 22z" fill="#335845" />
    <rect x="88" y="84" width="64" height="56" rx="4" fill="#f1e9d8" />
    <path d="M98 128l16-26 10 14 8-10 12 22z" fill="#7fa38c" />
    <circle cx="136" cy="98" r="6" fill="#d69a4a" />`,
  'first-flush-darjeeling': html`<rect
      x="78"
      y="58"
      width="84"
      height="106"
      rx="10"
      fill="#c9a24b"
    />
    <rect x="74" y="44" width="92" height="24" rx="8" fill="#a9842f" />
    <rect x="78" y="92" width="84" height="46" fill="#f6eedb" />
    <path d="M120 132c-16-6-20-20-14-34 14 4 20 18 14 34z" fill="#6f9a4d" />
    <path d="M120 132c2-16 12-24 24-24 0 14-10 24-24 24z" fill="#8db868" />`,
  'bamboo-whisk': html`<path
      d="M88 160c-10-24-8-46 6-62h52c14 16 16 38 6 62-12-8-18-4-32-4s-20-4-32 4z"
      fill="#e6cf96"
    />
    <path
      d="M96 156c-4-22-2-40 6-56m8 54c-2-20-2-36 2-54m8 54v-54m10 54c2-20 2-36-2-54m10 56c4-22 2-40-6-56"
      fill="none"
      stroke="#b8995a"
      stroke-width="2.5"
    />
    <rect x="92" y="86" width="56" height="14" rx="4" fill="#4a3d33" />
    <path d="M98 32h44l4 54H94z" fill="#d8bd7c" />
    <path d="M97 52h46" stroke="#b8995a" stroke-width="4" />`,
  'gooseneck-kettle': html`<path
      d="M70 138c-26-6-14-54-36-68"
      fill="none"
      stroke="#9aa3a8"
      stroke-width="9"
      stroke-linecap="round"
    />
    <path
      d="M166 74c38-10 44 62 8 66"
      fill="none"
      stroke="#5d5047"
      stroke-width="11"
      stroke-linecap="round"
    />
    <path d="M78 72h84l16 84c1 5-2 8-8 8H70c-6 0-9-3-8-8z" fill="#b4bcc0" />
    <path d="M78 72h30l-10 92H70c-6 0-9-3-8-8z" fill="#d3d9dc" />
    <path d="M82 72c0-12 16-20 38-20s38 8 38 20z" fill="#9aa3a8" />
    <circle cx="120" cy="46" r="8" fill="#5d5047" />`,
  'gift-card': html`<g transform="rotate(-6 120 104)"
    ><rect x="44" y="56" width="152" height="98" rx="10" fill="#b4532a" />
    <rect
      x="44"
      y="56"
      width="152"
      height="98"
      rx="10"
      fill="none"
      stroke="#8d3d1c"
      stroke-width="2" />
    <path d="M84 56v98M44 98h152" stroke="#f0d9c0" stroke-width="8" />
    <path
      d="M84 98c-26-2-32-30-14-32 12-2 16 16 14 32zm0 0c26-2 32-30 14-32-12-2-16 16-14 32z"
      fill="#f0d9c0" />
    <circle cx="84" cy="98" r="7" fill="#fff3e2"
  /></g>`,
};
