type Triple = readonly [number, number, number];

const linear = (part: number): number => (part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
const gamma = (part: number): number => (part <= 0.003_130_8 ? part * 12.92 : 1.055 * part ** (1 / 2.4) - 0.055);
const white: Triple = [0.950_47, 1, 1.088_83];
const squeeze = (part: number): number =>
  part > 216 / 24_389 ? Math.cbrt(part) : (24_389 / 27 / 116) * part + 16 / 116;
const stretch = (part: number): number =>
  part ** 3 > 216 / 24_389 ? part ** 3 : ((part - 16 / 116) * 116 * 27) / 24_389;

/** sRGB as `#rrggbb` to CIE L*a*b* (D65), rounded to halves. */
export const labOfHex = (hex: string): [number, number, number] => {
  const [r, g, b] = [1, 3, 5].map((at) => linear(Number.parseInt(hex.slice(at, at + 2), 16) / 255)) as [
    number,
    number,
    number,
  ];
  const x = squeeze((0.412_456_4 * r + 0.357_576_1 * g + 0.180_437_5 * b) / white[0]);
  const y = squeeze(0.212_672_9 * r + 0.715_152_2 * g + 0.072_175 * b);
  const z = squeeze((0.019_333_9 * r + 0.119_192 * g + 0.950_304_1 * b) / white[2]);
  const half = (value: number) => Math.round(value * 2) / 2;
  return [half(116 * y - 16), half(500 * (x - y)), half(200 * (y - z))];
};

/** Back again; what no screen can show is the nearest it can. */
export const hexOfLab = ([l, a, b]: Triple): string => {
  const fy = (l + 16) / 116;
  const [x, y, z] = [stretch(fy + a / 500) * white[0], stretch(fy), stretch(fy - b / 200) * white[2]];
  const rgb = [
    3.240_454_2 * x - 1.537_138_5 * y - 0.498_531_4 * z,
    -0.969_266 * x + 1.876_010_8 * y + 0.041_556 * z,
    0.055_643_4 * x - 0.204_025_9 * y + 1.057_225_2 * z,
  ];
  const hex = rgb.map((part) => {
    const byte = Math.round(Math.min(1, Math.max(0, gamma(Math.max(0, part)))) * 255);
    return byte.toString(16).padStart(2, '0');
  });
  return `#${hex.join('')}`;
};
