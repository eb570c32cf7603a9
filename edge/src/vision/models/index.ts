export { type ModelCard, type ModelRole, modelRoles } from './model-card.js';
export { ModelShelf } from './model-shelf.js';
