import { drawPdf } from './draw-pdf.js';
import type { ReportDocument } from './report-document.js';

/** A process of its own: takes one document, answers with its bytes, and ends. */
process.once('message', (report: ReportDocument) => {
  drawPdf(report).then(
    (bytes) => process.send?.(bytes, () => process.disconnect()),
    (error: unknown) => {
      throw error;
    },
  );
});
process.once('disconnect', () => process.exit(0));
