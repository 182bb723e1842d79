# The image of migrate, web, worker and beat. docker-compose.yml says which is which.
FROM python:3.13-slim AS build
WORKDIR /app
RUN python -m venv /venv
ENV PATH=/venv/bin:$PATH
COPY requirements/runtime.txt requirements/s3.txt requirements/
RUN pip install --no-cache-dir --no-deps --require-hashes -r requirements/runtime.txt \
 && pip install --no-cache-dir --no-deps --require-hashes -r requirements/s3.txt
COPY . .
# The key and folder serve this one command; neither is in the image that runs.
RUN SECRET_KEY=unused DSBOARD_DATA=/tmp/unused python manage.py collectstatic --noinput

FROM python:3.13-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 DSBOARD_DATA=/data
RUN useradd --uid 10001 --create-home dsboard && install -d -o dsboard -g dsboard /data
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
USER dsboard
VOLUME /data
EXPOSE 8000
CMD ["python", "manage.py", "web", "--host", "0.0.0.0", "--workers", "2"]
