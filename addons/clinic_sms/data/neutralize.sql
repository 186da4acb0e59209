-- a copy of the database must not send SMS, nor keep the keys to do so
UPDATE clinic_sms_account
   SET gateway = 'none', secret = NULL, callback_secret = NULL;
