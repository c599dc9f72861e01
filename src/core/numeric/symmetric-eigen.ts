/**
 * Eigenvalues and eigenvectors of a real symmetric matrix: Householder reduction to a tridiagonal matrix, then implicit QL.
 *
 * @see H. Bowdler, R. S. Martin, C. Reinsch, J. H. Wilkinson, The QR and QL algorithms for symmetric matrices, Numer. Math. 11 (1968)
 */

/** The decomposition A = V diag(values) V'. */
export interface SymmetricEigen {
  /** Ascending. */
  readonly values: Float64Array;
  /** Row-major; column j belongs to value j, with its largest component (the first of equal ones) positive. */
  readonly vectors: Float64Array;
}

const EPSILON = 2.220446049250313e-16;
const MAXIMUM_STEPS = 60;
/** Entries this small beside the largest change no digit of any value, and their squares underflow. */
const NEGLIGIBLE = 1e-60;

/**
 * @param matrix row-major, n times n, symmetric and finite
 * @throws {RangeError} where a value does not settle, which no finite matrix is known to do.
 */
export function symmetricEigen(matrix: Float64Array, n: number): SymmetricEigen {
  const largest = matrix.reduce((size, entry) => Math.max(size, Math.abs(entry)), 0) || 1;
  const v = matrix.map((entry) => (Math.abs(entry) <= NEGLIGIBLE * largest ? 0 : entry / largest));
  const d = new Float64Array(n);
  const e = new Float64Array(n);
  if (n > 0) {
    tridiagonalise(v, d, e, n);
    diagonalise(v, d, e, n);
  }
  return sorted(
    v,
    d.map((value) => value * largest),
    n,
  );
}

function at(a: Float64Array, i: number): number {
  return a[i] as number;
}

/** Leaves the diagonal in d, the subdiagonal in e from index 1, and the transformation in v. */
function tridiagonalise(v: Float64Array, d: Float64Array, e: Float64Array, n: number): void {
  for (let j = 0; j < n; j++) d[j] = at(v, (n - 1) * n + j);
  for (let i = n - 1; i > 0; i--) reduceRow(v, d, e, n, i);
  for (let i = 0; i < n - 1; i++) {
    v[(n - 1) * n + i] = at(v, i * n + i);
    v[i * n + i] = 1;
    const h = at(d, i + 1);
    if (h !== 0) {
      for (let k = 0; k <= i; k++) d[k] = at(v, k * n + i + 1) / h;
      for (let j = 0; j <= i; j++) {
        let g = 0;
        for (let k = 0; k <= i; k++) g += at(v, k * n + i + 1) * at(v, k * n + j);
        for (let k = 0; k <= i; k++) v[k * n + j] = at(v, k * n + j) - g * at(d, k);
      }
    }
    for (let k = 0; k <= i; k++) v[k * n + i + 1] = 0;
  }
  for (let j = 0; j < n; j++) {
    d[j] = at(v, (n - 1) * n + j);
    v[(n - 1) * n + j] = 0;
  }
  v[n * n - 1] = 1;
  e[0] = 0;
}

/** One Householder step on row i. */
function reduceRow(v: Float64Array, d: Float64Array, e: Float64Array, n: number, i: number): void {
  let scale = 0;
  for (let k = 0; k < i; k++) scale += Math.abs(at(d, k));
  if (scale === 0) {
    e[i] = at(d, i - 1);
    for (let j = 0; j < i; j++) {
      d[j] = at(v, (i - 1) * n + j);
      v[i * n + j] = 0;
      v[j * n + i] = 0;
    }
    d[i] = 0;
    return;
  }
  let h = 0;
  for (let k = 0; k < i; k++) {
    d[k] = at(d, k) / scale;
    h += at(d, k) * at(d, k);
  }
  const f = at(d, i - 1);
  const g = f > 0 ? -Math.sqrt(h) : Math.sqrt(h);
  e[i] = scale * g;
  h -= f * g;
  d[i - 1] = f - g;
  for (let j = 0; j < i; j++) e[j] = 0;
  for (let j = 0; j < i; j++) {
    const dj = at(d, j);
    v[j * n + i] = dj;
    let sum = at(e, j) + at(v, j * n + j) * dj;
    for (let k = j + 1; k < i; k++) {
      sum += at(v, k * n + j) * at(d, k);
      e[k] = at(e, k) + at(v, k * n + j) * dj;
    }
    e[j] = sum;
  }
  let total = 0;
  for (let j = 0; j < i; j++) {
    e[j] = at(e, j) / h;
    total += at(e, j) * at(d, j);
  }
  const half = total / (h + h);
  for (let j = 0; j < i; j++) e[j] = at(e, j) - half * at(d, j);
  for (let j = 0; j < i; j++) {
    const [dj, ej] = [at(d, j), at(e, j)];
    for (let k = j; k < i; k++) v[k * n + j] = at(v, k * n + j) - (dj * at(e, k) + ej * at(d, k));
    d[j] = at(v, (i - 1) * n + j);
    v[i * n + j] = 0;
  }
  d[i] = h;
}

/** Implicit QL with shifts; values end in d, vectors in the columns of v. */
function diagonalise(v: Float64Array, d: Float64Array, e: Float64Array, n: number): void {
  for (let i = 1; i < n; i++) e[i - 1] = at(e, i);
  e[n - 1] = 0;
  let shift = 0;
  let size = 0;
  for (let l = 0; l < n; l++) {
    size = Math.max(size, Math.abs(at(d, l)) + Math.abs(at(e, l)));
    let m = l;
    while (m < n - 1 && Math.abs(at(e, m)) > EPSILON * size) m += 1;
    for (let step = 0; m > l && Math.abs(at(e, l)) > EPSILON * size; step++) {
      if (step === MAXIMUM_STEPS) throw new RangeError("an eigenvalue did not settle");
      shift += qlStep(v, d, e, n, l, m);
    }
    d[l] = at(d, l) + shift;
    e[l] = 0;
  }
}

/** @returns what was shifted out. */
function qlStep(v: Float64Array, d: Float64Array, e: Float64Array, n: number, l: number, m: number): number {
  let g = at(d, l);
  let p = (at(d, l + 1) - g) / (2 * at(e, l));
  const length = Math.sqrt(p * p + 1);
  const r = p < 0 ? -length : length;
  d[l] = at(e, l) / (p + r);
  d[l + 1] = at(e, l) * (p + r);
  const next = at(d, l + 1);
  const shifted = g - at(d, l);
  for (let i = l + 2; i < n; i++) d[i] = at(d, i) - shifted;
  p = at(d, m);
  let [c, c2, c3] = [1, 1, 1];
  const first = at(e, l + 1);
  let [s, s2] = [0, 0];
  for (let i = m - 1; i >= l; i--) {
    c3 = c2;
    c2 = c;
    s2 = s;
    g = c * at(e, i);
    const h = c * p;
    const radius = Math.sqrt(p * p + at(e, i) * at(e, i));
    e[i + 1] = s * radius;
    s = at(e, i) / radius;
    c = p / radius;
    p = c * at(d, i) - s * g;
    d[i + 1] = h + s * (c * g + s * at(d, i));
    for (let k = 0; k < n; k++) {
      const old = at(v, k * n + i + 1);
      v[k * n + i + 1] = s * at(v, k * n + i) + c * old;
      v[k * n + i] = c * at(v, k * n + i) - s * old;
    }
  }
  p = (-s * s2 * c3 * first * at(e, l)) / next;
  e[l] = s * p;
  d[l] = c * p;
  return shifted;
}

function sorted(v: Float64Array, d: Float64Array, n: number): SymmetricEigen {
  const order = Array.from({ length: n }, (_, i) => i).sort((a, b) => at(d, a) - at(d, b) || a - b);
  const vectors = new Float64Array(n * n);
  for (const [column, from] of order.entries()) {
    let pivot = 0;
    for (let row = 1; row < n; row++) {
      if (Math.abs(at(v, row * n + from)) > Math.abs(at(v, pivot * n + from))) pivot = row;
    }
    const sign = at(v, pivot * n + from) < 0 ? -1 : 1;
    for (let row = 0; row < n; row++) vectors[row * n + column] = sign * at(v, row * n + from);
  }
  return { values: Float64Array.from(order, (from) => at(d, from)), vectors };
}
