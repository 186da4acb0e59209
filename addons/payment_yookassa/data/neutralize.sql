-- a copy of the database must not take anybody's money
UPDATE payment_provider
   SET yookassa_shop_id = NULL,
       yookassa_secret_key = NULL;
