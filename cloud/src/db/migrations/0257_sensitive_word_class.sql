-- What a word is about, so that a long list is kept in order and whoever takes a ticket knows why they are warned.
ALTER TABLE sensitive_words ADD COLUMN class text NOT NULL DEFAULT 'other' CHECK (class IN (
  'stability', 'politics', 'safety', 'violence', 'porn', 'gambling_drugs', 'fraud', 'abuse', 'privacy', 'other'
));
