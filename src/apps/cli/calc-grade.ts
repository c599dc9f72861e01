/** What a grade F means for whoever goes on. */
export function gradeBlocks(captureId: string): string {
  return `${captureId} has the grade F: calculations on it are blocked until a corrected file is taken; see onetape calc query quality --capture ${captureId}`;
}
