-- A copy of a database asks and closes no true orders: without keys it cannot.
UPDATE payment_provider
   SET huolie_private_key = NULL,
       huolie_api_key = NULL,
       huolie_serial = NULL,
       huolie_merchant = NULL
 WHERE code LIKE 'huolie\_%';
