-- a copy of the database must not write to patients
UPDATE clinic_notice
   SET state = 'skipped', reason = 'Copy of the database'
 WHERE state = 'waiting';
