/** Binary coded decimal: one digit in each four bits. Undefined where four bits hold more than 9. */
export function decodeBcd(packed: number): number | undefined {
  let value = 0;
  for (let shift = 28; shift >= 0; shift -= 4) {
    const digit = (packed >>> shift) & 0xf;
    if (digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value;
}

export function encodeBcd(value: number): number {
  let packed = 0;
  for (let rest = value, shift = 0; rest > 0; rest = Math.floor(rest / 10), shift += 4) packed |= (rest % 10) << shift;
  return packed >>> 0;
}

/**
 * Four decimal digits a register, the register at 0 the greatest. Signed: each register carries the sign.
 * Undefined where a register is outside its range.
 */
export function decodeMod10(view: DataView, count: number, signed: boolean): bigint | undefined {
  let value = 0n;
  for (let at = 0; at < count; at++) {
    const part = signed ? view.getInt16(at * 2) : view.getUint16(at * 2);
    if (Math.abs(part) > 9_999) return undefined;
    value = value * 10_000n + BigInt(part);
  }
  return value;
}

export function encodeMod10(view: DataView, count: number, value: bigint): void {
  let rest = value;
  for (let at = count - 1; at >= 0; at--) {
    view.setInt16(at * 2, Number(rest % 10_000n));
    rest /= 10_000n;
  }
}
