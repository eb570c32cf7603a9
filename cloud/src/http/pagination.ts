export { type PageQuery, pageOf, pageQuerySchema } from '../verb-kit/pagination.js';
