/** A merchant that does not exist, with a throw-away key. */
export const merchant = { appId: 'wx8f3a1c5e7b9d2046', mchId: '1900000109', v2Key: 'b3NcH9mQ2vX7kLpR4tYw8ZsD6fGj1aUe' }
