/** Personal data as it may stand on a screen: enough to tell two apart, not enough to copy. `王小明` → `王••`. */
export function maskPersonal(text: string): string {
  const letters = [...text];
  if (letters.length <= 1) return '•'.repeat(letters.length);
  if (letters.length < 8) return `${letters[0]}${'•'.repeat(letters.length - 1)}`;
  return `${letters.slice(0, 3).join('')}${'•'.repeat(Math.min(8, letters.length - 5))}${letters.slice(-2).join('')}`;
}
