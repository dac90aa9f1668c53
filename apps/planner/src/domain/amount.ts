/** 1250 to "12.50". */
export function formatMinor(amountMinor: number): string {
  return (amountMinor / 100).toFixed(2);
}
