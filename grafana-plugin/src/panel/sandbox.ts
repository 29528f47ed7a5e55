/**
 * Grafana's frontend sandbox (`enable_frontend_sandbox_for_plugins`, gone with 13.4) throws when a
 * plugin looks into a frame, which is where a recorded page is drawn.
 */
export function isSandboxed(): boolean {
  let frame: HTMLIFrameElement | undefined;
  try {
    frame = document.createElement('iframe');
    frame.hidden = true;
    frame.setAttribute('sandbox', 'allow-same-origin');
    document.body.append(frame);
    return frame.contentDocument === null;
  } catch {
    return true;
  } finally {
    frame?.remove();
  }
}
