/** Into a field that has to be filled in, seen wherever the page stood. */
export const focusField = (key: string): void => {
  const field = document.querySelector<HTMLElement>(`[data-field="${key}"]`);
  field?.scrollIntoView({ block: 'nearest' });
  field?.querySelector<HTMLElement>('input, textarea, button')?.focus({ preventScroll: true });
};
