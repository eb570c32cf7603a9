import { useEffect, useRef, useSyncExternalStore } from 'react';

export interface KeyBinding {
  /** `KeyboardEvent.key`, or `mod+k` for Ctrl/⌘. */
  key: string;
  /** What it does, in the reader's words; shown by `?`. */
  does: string;
  run: (event: KeyboardEvent) => void;
  /** Works while a field has the focus. */
  inFields?: boolean;
}

interface Layer {
  bindings: () => KeyBinding[];
}

let layers: Layer[] = [];
let snapshot: KeyBinding[] = [];
const listeners = new Set<() => void>();

function changed(): void {
  const seen = new Set<string>();
  snapshot = layers
    .flatMap((layer) => layer.bindings())
    .reverse()
    .filter((binding) => !seen.has(binding.key) && seen.add(binding.key))
    .reverse();
  for (const listener of listeners) listener();
}

function inField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName);
}

/** A dialog owns the keyboard: page keys rest while one is open. */
function inDialog(): boolean {
  return document.querySelector('.ant-modal-wrap:not([style*="display: none"]), .ant-drawer-open') !== null;
}

function nameOf(event: KeyboardEvent): string {
  const mod = event.ctrlKey || event.metaKey;
  if (mod) return `mod+${event.key.toLowerCase()}`;
  return event.key;
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.isComposing || event.altKey || event.defaultPrevented) return;
  const name = nameOf(event);
  const field = inField(event.target);
  for (const layer of [...layers].reverse()) {
    for (const binding of layer.bindings()) {
      if (binding.key !== name) continue;
      if (inDialog() || (field && !binding.inFields)) return;
      event.preventDefault();
      binding.run(event);
      return;
    }
  }
}

/** Binds keys while the caller is mounted; the latest mounted layer wins. */
export function useKeys(bindings: KeyBinding[]): void {
  const latest = useRef(bindings);
  latest.current = bindings;
  const shape = bindings.map((binding) => `${binding.key}=${binding.does}`).join('|');
  // biome-ignore lint/correctness/useExhaustiveDependencies: the layer is re-announced when the help texts change
  useEffect(() => {
    const layer: Layer = { bindings: () => latest.current };
    if (layers.length === 0) window.addEventListener('keydown', onKeyDown);
    layers = [...layers, layer];
    changed();
    return () => {
      layers = layers.filter((other) => other !== layer);
      if (layers.length === 0) window.removeEventListener('keydown', onKeyDown);
      changed();
    };
  }, [shape]);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The bindings in force now, for the help. */
export function useActiveKeys(): KeyBinding[] {
  return useSyncExternalStore(subscribe, () => snapshot);
}
