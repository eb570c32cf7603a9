const formats = new Map<string, Intl.NumberFormat>();

function format(language: string, most: number, least = 0): Intl.NumberFormat {
  const key = `${language}/${most}/${least}`;
  let found = formats.get(key);
  if (!found) {
    found = new Intl.NumberFormat(language === 'en' ? 'en' : 'zh-CN', {
      maximumFractionDigits: most,
      minimumFractionDigits: least,
      signDisplay: 'negative',
    });
    formats.set(key, found);
  }
  return found;
}

/** Digits that a reader can use: none above 1000, three below 1. */
export function usefulDigits(value: number): number {
  const size = Math.abs(value);
  if (size >= 1000 || size === 0) return size >= 10_000 ? 0 : 1;
  if (size >= 100) return 1;
  if (size >= 1) return 2;
  return 3;
}

/** `12345.678` → `12,346`; `digits` fixes the most decimals shown. */
export function formatNumber(value: number, language: string, digits = usefulDigits(value)): string {
  return format(language, digits).format(value);
}

/** Always `decimals` digits after the point: `230` → `230.0`. */
export function formatDecimals(value: number, language: string, decimals: number): string {
  return format(language, decimals, decimals).format(value);
}

const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** Bytes in binary units: `1536` → `1.5 KiB`. */
export function formatBytes(bytes: number, language: string): string {
  let value = bytes;
  let index = 0;
  while (Math.abs(value) >= 1024 && index < byteUnits.length - 1) {
    value /= 1024;
    index += 1;
  }
  return `${formatNumber(value, language, index === 0 ? 0 : 1)} ${byteUnits[index]}`;
}
