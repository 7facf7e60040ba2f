/** What a person must know to try everything of the demo cluster. */

/** The API key of its locked model server. */
export const demoApiKey = 'demo';
