const MASK = (1n << 64n) - 1n;

/** Philox4x64-10, the generator behind numpy.random.Philox: an oracle for what Python draws. */
export function philox4x64(counter: readonly bigint[], key: readonly bigint[]): readonly bigint[] {
  let [c0 = 0n, c1 = 0n, c2 = 0n, c3 = 0n] = counter;
  let [k0 = 0n, k1 = 0n] = key;
  for (let round = 0; round < 10; round++) {
    const [a, b] = [0xd2e7470ee14c6c93n * c0, 0xca5a826395121157n * c2];
    [c0, c1, c2, c3] = [(b >> 64n) ^ c1 ^ k0, b & MASK, (a >> 64n) ^ c3 ^ k1, a & MASK];
    k0 = (k0 + 0x9e3779b97f4a7c15n) & MASK;
    k1 = (k1 + 0xbb67ae8584caa73bn) & MASK;
  }
  return [c0, c1, c2, c3];
}
