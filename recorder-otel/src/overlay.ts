export {
  showMaskingOverlay,
  type MaskingOverlay,
  type OverlayBox,
  type OverlayKind,
  type OverlayOptions,
} from './explain/overlay.js';
